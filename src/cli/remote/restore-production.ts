import type { AgentTarget } from "../../model/agent-policy.ts";
import { envFile } from "../../engine/gather.ts";
import { ask } from "../confirm.ts";
import type { Session } from "../session.ts";
import { chooseTarget } from "./agents.ts";
import type { RemoteOptions } from "./command.ts";
import { besideAgent } from "./files-restore.ts";
import { run, runInAgent } from "./run-in-agent.ts";
import { toStdout } from "./to-stdout.ts";

export interface ProductionOptions extends RemoteOptions {
  readonly confirm?: string;
  readonly database?: string;
  readonly table?: string;
  readonly path?: string;
  readonly dropPrevious?: boolean;
}

/**
 * Restores on the target's host; gives the exit status of the agent, which compares what was typed with the name.
 * @throws Failure `agent.*`, `docker.failed`, `host.*`.
 */
export async function restoreProduction(
  session: Session,
  name: string,
  selector: string | undefined,
  options: ProductionOptions,
): Promise<number> {
  const topology = session.topology();
  const { node, target } = chooseTarget(topology, name);
  const confirm = options.confirm ?? (await typed(target, options));
  const argv = [
    "restore",
    "production",
    target.name,
    ...(selector === undefined ? [] : [selector]),
    "--confirm",
    confirm,
    ...value("--database", options.database),
    ...value("--table", options.table),
    ...value("--path", options.path),
    ...(options.dropPrevious === true ? ["--drop-previous"] : []),
    ...(options.json === true ? ["--json"] : []),
  ];
  if (target.type !== "files") return await runInAgent(session.hosts, node, { argv, onStdout: toStdout });
  const program = besideAgent(node, envFile(node.name, topology), target.name, argv);
  return await run(session.hosts, node, program, toStdout);
}

/** The name as the user types it; nothing, which the agent refuses, where nothing was typed. */
async function typed(target: AgentTarget, { database, dropPrevious }: ProductionOptions): Promise<string> {
  const what = target.type === "files" ? `the files of ${target.name}` : `a database of ${target.name}`;
  const does =
    dropPrevious === true
      ? `This removes what earlier restores kept of ${what}.`
      : `This puts a backup in the place of ${what} in production; what is there is kept beside it.`;
  return await ask(`${does}\nType ${database ?? nameOf(target)} to go on: `, new AbortController().signal);
}

/** What the agent wants typed, where the checkout knows it. */
function nameOf(target: AgentTarget): string {
  if (target.type !== "server") return target.name;
  const { database } = target.connection;
  return typeof database === "string" ? database : "the name of the database";
}

function value(flag: string, given: string | undefined): string[] {
  return given === undefined ? [] : [flag, given];
}
