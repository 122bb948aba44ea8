import { rmSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../../../errors.ts";
import { clientArgv, parseServerError } from "../../../tools/mariadb/client.ts";
import { type MariadbLogin, optionFile } from "../../../tools/mariadb/option-file.ts";
import { findProgram } from "../../../tools/mariadb/programs.ts";
import { parseRows } from "../../../tools/mariadb/sql.ts";
import { runTool, type Tool, type ToolResult } from "../../../tools/run.ts";
import type { AgentContext } from "../../context.ts";
import { withoutData } from "./without-data.ts";

/** Ways to talk to one server, through client programs that find login and password in a private file. */
export interface Client {
  /** For `--defaults-file` of any program of the family. */
  readonly optionFile: string;
  /** A directory of mode 0700 for what goes with this connection; gone with it. */
  readonly directory: string;
  readonly server: ServerVersion;
  /** Rows of a query, or of several one after the other; ask for values that cannot be NULL. */
  query(sql: string, database?: string): Promise<string[][]>;
  /** Runs a script as the client does, `DELIMITER` included, and stops at its first error. */
  script(sql: string, database?: string): Promise<void>;
  /** The client, to be fed by somebody else. */
  tool(database: string | null, ...options: readonly string[]): Tool;
  /** Runs another program of the family. Failure `engine.*` in its own words. */
  run(tool: Tool, input?: string): Promise<ToolResult>;
  close(): Promise<void>;
}

export interface ServerVersion {
  /** As the server says it: `11.8.3-MariaDB-ubu2404`, `8.4.6`. */
  readonly text: string;
  readonly isMariadb: boolean;
  readonly major: number;
  readonly minor: number;
}

/** Connects. Failure `engine.program-missing`, `engine.unreachable`, `engine.refused`. */
export async function connectClient(
  login: MariadbLogin,
  target: string,
  context: AgentContext,
): Promise<Client> {
  const program = requireProgram("client");
  const directory = join(context.scratchDirectory, `mysql-${context.randomHex(6)}`);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, "login.cnf");
  await writeFile(file, optionFile(login), { mode: 0o600 });

  const tool = (database: string | null, ...options: readonly string[]): Tool => ({
    program,
    argv: clientArgv(file, database, ...options),
    env: {},
  });
  const run = async (each: Tool, input?: string): Promise<ToolResult> => {
    const result = await runTool(each, {
      signal: context.signal,
      ...(input === undefined ? {} : { stdin: input }),
    });
    if (result.exitCode !== 0) throw failureOf(result, target, context);
    return result;
  };
  const query = async (sql: string, database?: string): Promise<string[][]> =>
    parseRows((await run(tool(database ?? null), sql)).stdout);

  try {
    const [[text = ""] = []] = await query("SELECT VERSION()");
    return {
      optionFile: file,
      directory,
      server: parseVersion(text),
      query,
      script: async (sql, database) => void (await run(tool(database ?? null), sql)),
      tool,
      run,
      close: () => rm(directory, { recursive: true, force: true }),
    };
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
}

/** `8.4.6`, `10.11.14-MariaDB-0+deb12u2`. */
export function parseVersion(text: string): ServerVersion {
  const [major = 0, minor = 0] = text.split(/[.-]/).map(Number);
  return { text, isMariadb: /mariadb/i.test(text), major, minor };
}

/** The path of a client program. Failure `engine.program-missing`. */
export function requireProgram(name: "client" | "dump"): string {
  const program = findProgram(name);
  if (program !== null) return program;
  const wanted = name === "client" ? "mariadb" : "mariadb-dump";
  throw new Failure("engine.program-missing", `The program ${wanted} is not installed`);
}

/** What a program of the family came to, as a failure; its words redacted. */
export function failureOf(result: ToolResult, target: string, context: AgentContext): Failure {
  if (result.aborted) return new Failure("agent.interrupted", `The work on ${target} was interrupted`);
  const error = parseServerError(result.stderr);
  const message = context.redact(
    withoutData(error.message) || (result.spawnError ?? `ended by ${result.signal}`),
  );
  return new Failure(`engine.${error.kind}`, message, { where: target });
}
