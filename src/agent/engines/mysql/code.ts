import { codeArgv, viewsArgv } from "../../../tools/mariadb/dump.ts";
import { identifier, literal } from "../../../tools/mariadb/sql.ts";
import { readCatalog } from "./catalog.ts";
import { type Client, requireProgram } from "./client.ts";

/** What of a database is code, not data: it goes from one database to another as text. */
export interface Code {
  /** Creates all of it in the database that it is run in, in place of what is there under the same names. */
  readonly sql: string;
  readonly views: readonly string[];
  readonly triggers: readonly string[];
  readonly events: readonly string[];
  /** Kind (PROCEDURE, FUNCTION, PACKAGE) and name. */
  readonly routines: readonly (readonly [kind: string, name: string])[];
}

export const NO_CODE: Code = { sql: "", views: [], triggers: [], events: [], routines: [] };

/** Reads views, triggers, routines and events of a database. */
export async function readCode(client: Client, database: string): Promise<Code> {
  const schema = literal(database);
  const rows = await client.query(
    `SELECT 'TRIGGER', TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = ${schema};
     SELECT 'EVENT', EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ${schema};
     SELECT ROUTINE_TYPE, ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = ${schema};`,
  );
  const named = (kind: string): string[] =>
    rows.filter(([each]) => each === kind).map(([, name = ""]) => name);
  const catalog = await readCatalog(client, database);
  const views = catalog.tables.filter(({ kind }) => kind === "view").map(({ name }) => name);
  const program = requireProgram("dump");
  const dump = async (argv: string[]): Promise<string> =>
    (await client.run({ program, argv, env: {} })).stdout;
  let sql = await dump(codeArgv(client.optionFile, database));
  if (views.length > 0) sql += await dump(viewsArgv(client.optionFile, database, views));
  return {
    sql,
    views,
    triggers: named("TRIGGER"),
    events: named("EVENT"),
    routines: rows
      .filter(([kind]) => kind !== "TRIGGER" && kind !== "EVENT")
      .map(([kind = "", name = ""]) => [kind, name] as const),
  };
}

/** Removes what would hold up or disturb moving the tables: triggers, events, and these views. */
export function dropActive(code: Code, views: readonly string[]): string {
  return [
    ...code.events.map((name) => `DROP EVENT IF EXISTS ${identifier(name)};`),
    ...code.triggers.map((name) => `DROP TRIGGER IF EXISTS ${identifier(name)};`),
    ...views.map((name) => `DROP VIEW IF EXISTS ${identifier(name)};`),
  ].join("\n");
}

/** Removes the views and routines of the old code that the new one does not replace. */
export function dropOutdated(old: Code, current: Code): string {
  const kept = new Set(current.routines.map(([kind, name]) => `${kind} ${name}`));
  return [
    ...old.views
      .filter((name) => !current.views.includes(name))
      .map((name) => `DROP VIEW IF EXISTS ${identifier(name)};`),
    ...old.routines
      .filter(([kind, name]) => !kept.has(`${kind} ${name}`))
      .map(([kind, name]) => `DROP ${kind} IF EXISTS ${identifier(name)};`),
  ].join("\n");
}
