import { Failure } from "../../../errors.ts";
import { BUSY_MS, parseJsonRows, shellArgv } from "../../../tools/sqlite/shell.ts";
import { runTool, type ToolResult } from "../../../tools/run.ts";
import type { AgentContext } from "../../context.ts";

/** Runs a script on a database file; what it printed. Failure `engine.*`. */
export async function runShell(
  database: string,
  script: string,
  context: AgentContext,
  ...options: readonly string[]
): Promise<string> {
  const tool = { program: "sqlite3", argv: shellArgv(database, ...options), env: {} };
  const stdin = `.timeout ${BUSY_MS}\n${script}\n`;
  const result = await runTool(tool, { signal: context.signal, stdin });
  if (result.exitCode !== 0) throw shellFailure(result, database, context);
  return result.stdout;
}

/** The rows of one query. No program can be started from it, and no other file opened (`-safe`). */
export async function queryShell(
  database: string,
  sql: string,
  context: AgentContext,
): Promise<Record<string, unknown>[]> {
  return parseJsonRows(await runShell(database, sql, context, "-json", "-safe"));
}

const TODO_MOUNT =
  "Mount the directory of the database, not the file alone, and writable: even reading a database in WAL mode writes to its -shm file.";
const TODO_LOCKED =
  "Another process kept the database locked for 30 seconds: look what it does, or run this again.";

/** What the shell's words come to. */
export function shellFailure(result: ToolResult, database: string, context: AgentContext): Failure {
  const where = { where: database };
  if (result.aborted)
    return new Failure("agent.interrupted", `The work on ${database} was interrupted`, where);
  if (result.spawnError !== null) return new Failure("engine.program-missing", "sqlite3 is not installed");
  const words = context.redact(result.stderr.trim()) || `sqlite3 was ended by ${result.signal}`;
  if (/unable to open database|readonly database/.test(words))
    return new Failure("engine.unreachable", words, { ...where, todo: TODO_MOUNT });
  if (/database is locked|database is busy/.test(words))
    return new Failure("engine.failed", words, { ...where, todo: TODO_LOCKED });
  return new Failure("engine.failed", words, where);
}
