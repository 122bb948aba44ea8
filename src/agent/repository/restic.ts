import { join } from "node:path";
import type { Failure, ErrorCode } from "../../errors.ts";
import type { AgentRepository } from "../../model/agent-policy.ts";
import { globalArgv, resticEnvironment, type ResticAccess } from "../../tools/restic/environment.ts";
import { runTool, type Tool, type ToolResult } from "../../tools/run.ts";
import type { AgentContext } from "../context.ts";
import { writeWhole } from "../write-whole.ts";
import { type Alive, aliveOf } from "./alive.ts";
import { failureOf } from "./failures.ts";
import { repositoriesDirectory } from "./known.ts";

/** How restic is to be run. */
export interface ResticRun {
  /** In words, after "restic could not". */
  readonly toDo: string;
  /** The code of a failure that restic has no exit status for; `repository.failed` unless told. */
  readonly otherwise?: ErrorCode;
  /** Bound; none unless told: restic itself gives a storage up after 15 minutes without an answer. */
  readonly seconds?: number;
  /** It takes no lock in the repository. */
  readonly lockless?: boolean;
  /** Ends it at once where a line of its stderr says that waiting is in vain. */
  readonly isVain?: (line: string) => boolean;
  /** Added to restic's environment, for the program that it starts. */
  readonly env?: Readonly<Record<string, string>>;
  readonly onStdoutLine?: (line: string) => void;
}

/** restic on one repository. */
export interface Restic {
  readonly name: string;
  readonly alive: Alive;
  /** The command as a program, under the lock that says that it lives. */
  tool(argv: readonly string[]): Tool;
  /** The command by itself. */
  plain(argv: readonly string[]): Tool;
  /** Runs a command to its success. @throws Failure as `failureOf` says. */
  run(argv: readonly string[], run: ResticRun): Promise<ToolResult>;
  /** The same, but what it came to is for the caller to judge; `failure` says it as a Failure. */
  attempt(
    tool: Tool,
    run: ResticRun,
  ): Promise<{ readonly result: ToolResult; readonly failure: Failure | null }>;
}

/** Enough for restic to take its locks back; then it is killed. */
const GRACE_SECONDS = 5;

export function resticOf(repository: AgentRepository, context: AgentContext): Restic {
  const { name } = repository;
  const alive = aliveOf(context.stateDirectory, name);
  const access = accessOf(repository, context);
  const plain = (argv: readonly string[]): Tool => ({
    program: "restic",
    argv: [...globalArgv(access), ...argv],
    env: resticEnvironment(access),
  });

  const attempt: Restic["attempt"] = async (command, run) => {
    const bound = run.seconds === undefined ? null : AbortSignal.timeout(run.seconds * 1000);
    const vain = new AbortController();
    const signal = AbortSignal.any([context.signal, vain.signal, ...(bound === null ? [] : [bound])]);
    const unmark = run.lockless === true ? () => {} : alive.mark(context.randomHex(8));
    const result = await runTool(
      { ...command, env: { ...run.env, ...command.env } },
      {
        signal,
        graceSeconds: run.lockless === true ? 1 : GRACE_SECONDS,
        onStderrLine: (line) => {
          if (run.isVain?.(line)) vain.abort();
        },
        ...(run.onStdoutLine === undefined ? {} : { onStdoutLine: run.onStdoutLine }),
      },
    );
    if (result.signal !== "SIGKILL") unmark();
    if (result.exitCode === 0) return { result, failure: null };
    const timedOut = bound?.aborted === true && !context.signal.aborted;
    const failure = failureOf(result, {
      toDo: run.toDo,
      otherwise: run.otherwise ?? "repository.failed",
      repository: name,
      timedOutAfterSeconds: timedOut ? (run.seconds ?? null) : null,
      redact: context.redact,
    });
    return { result, failure };
  };

  return {
    name,
    alive,
    plain,
    tool: (argv) => alive.holding(plain(argv)),
    attempt,
    run: async (argv, run) => {
      const command = plain(argv);
      const { result, failure } = await attempt(
        run.lockless === true ? command : alive.holding(command),
        run,
      );
      if (failure !== null) throw failure;
      return result;
    },
  };
}

function accessOf(repository: AgentRepository, context: AgentContext): ResticAccess {
  const { name, location, password, env, options, ca, ssh } = repository;
  const revealed = Object.entries(env).map(([variable, value]) => [variable, context.reveal(value)]);
  return {
    location,
    password: context.reveal(password),
    env: Object.fromEntries(revealed),
    options,
    ca,
    cacheDirectory: join(context.stateDirectory, "cache", "restic"),
    ssh:
      ssh === undefined
        ? null
        : { keyFile: writeKey(name, context.reveal(ssh.key), context), knownHosts: ssh.known_hosts },
  };
}

/** ssh takes keys from files of mode 0600 only. Kamal's env file has made `\n` of each newline. */
function writeKey(name: string, key: string, { stateDirectory }: AgentContext): string {
  const path = join(repositoriesDirectory(stateDirectory), `${name}.ssh-key`);
  writeWhole(path, `${key.replaceAll("\\n", "\n").trimEnd()}\n`);
  return path;
}
