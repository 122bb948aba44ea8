import { Failure } from "../../../errors.ts";
import { parseServerError } from "../../../tools/mariadb/client.ts";
import { identifier, literal } from "../../../tools/mariadb/sql.ts";
import { pipeTools, runTool, type ToolResult } from "../../../tools/run.ts";
import type { AgentContext } from "../../context.ts";
import type { Producer } from "../engine.ts";
import type { Client } from "./client.ts";
import { accountName, globalsWithout, grantsOnAbsent, isOfFamily, listAccounts } from "./globals.ts";
import { withoutData } from "./without-data.ts";

/** Bigger than any row of a dump that was taken with the same limit. */
const PACKET = "--max-allowed-packet=1G";

interface Restore {
  readonly into: string;
  /** The name that the database had. */
  readonly asIf: string;
  /** See `Throwaway.standIn`. */
  readonly standIn: string | null;
}

/**
 * Restores a dump into a new database. Failure `restore.failed` for anything but complete success, and then the
 * database is gone again; one that existed before stays as it was. `drill.other-server` where a server refused it that
 * is of another kind than the one it is of.
 */
export async function restoreDump(
  client: Client,
  dump: Producer,
  { into, asIf, standIn }: Restore,
  context: AgentContext,
): Promise<void> {
  const [[existing = "0"] = []] = await client.query(
    `SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ${literal(into)}`,
  );
  if (existing !== "0") throw new Failure("restore.failed", `There is a database ${into} already`);
  await client.script(`CREATE DATABASE ${identifier(into)}`);
  const result = await pipeTools(dump, client.tool(into, PACKET), { signal: context.signal });
  if (result.from.exitCode === 0 && result.into.exitCode === 0) return;
  await dropQuietly(client, into, context);
  if (result.from.aborted || result.into.aborted)
    throw new Failure("agent.interrupted", `The restore of ${asIf} was interrupted; ${into} is removed`);
  const error = parseServerError(result.into.stderr);
  // A client that stops breaks the pipe, so the other program's words are worth nothing then. One that is cut off in
  // mid-statement calls that an error of SQL.
  const refused = result.into.exitCode !== 0 && !failedByItself(result.from);
  const message = context.redact((refused ? withoutData(error.message) : result.from.stderr).trim());
  if (refused && standIn !== null && !GONE.includes(error.number ?? 0))
    throw new Failure("drill.other-server", `${asIf} could not be restored on ${standIn}: ${message}`);
  throw new Failure("restore.failed", `${asIf} could not be restored: ${message}`, {
    ...(error.number === PACKET_TOO_BIG ? { todo: TODO_PACKET } : {}),
    ...(NAMED_TRIGGER.includes(error.number ?? 0) ? { todo: TODO_TRIGGER } : {}),
  });
}

/** Whether a producer ended with an error that was not its reader's end. */
function failedByItself({ exitCode, signal, stderr }: ToolResult): boolean {
  return exitCode !== 0 && signal !== "SIGPIPE" && !/broken pipe|connection reset by peer/i.test(stderr);
}

/** CR_SERVER_GONE_ERROR, CR_SERVER_LOST: nobody refused anything. */
const GONE = [2006, 2013];
const PACKET_TOO_BIG = 1153;
const TODO_PACKET =
  "A row is bigger than the server takes at once: SET GLOBAL max_allowed_packet = 1073741824, then run the restore again.";

/** ER_TRG_ALREADY_EXISTS where production has it, ER_TRG_IN_WRONG_SCHEMA. */
const NAMED_TRIGGER = [1359, 1435];
const TODO_TRIGGER =
  "A trigger that was made with its database's name (CREATE TRIGGER shop.checks) goes into no other database. Nothing was changed. Make it anew without that name and back up again; `dump --plain` writes this backup as SQL.";

async function dropQuietly(client: Client, database: string, context: AgentContext): Promise<void> {
  try {
    await client.script(`DROP DATABASE IF EXISTS ${identifier(database)}`);
  } catch {
    context.log(`${database} could not be removed: DROP DATABASE it by hand`);
  }
}

/**
 * Users and grants of a backup, but not those of accounts that are there already. The names of the accounts that it
 * made. Failure `restore.failed`.
 */
export async function restoreGlobals(
  client: Client,
  sql: string,
  context: AgentContext,
): Promise<readonly string[]> {
  if (!isOfFamily(sql, client)) {
    context.log("Users and grants are left out: MySQL's cannot be made on MariaDB, nor MariaDB's on MySQL");
    return [];
  }
  const before = await listAccounts(client);
  const wanted = globalsWithout(sql, before);
  // On, over errors: a grant on a table that this restore does not bring is none.
  const result = await runTool(client.tool(null, "--force"), { signal: context.signal, stdin: wanted });
  const { absent, others } = grantsOnAbsent(result.stderr);
  for (const line of absent)
    context.log(`A grant on what is not there is left out: ${context.redact(withoutData(line))}`);
  if (others.length === 0 && (result.exitCode === 0 || absent.length > 0)) {
    const known = new Set(before.map(accountName));
    return (await listAccounts(client)).map(accountName).filter((name) => !known.has(name));
  }
  const words = others[0] ?? (result.stderr.trim() || `the client ended with ${result.signal}`);
  throw new Failure("restore.failed", `Users and grants: ${context.redact(withoutData(words))}`);
}
