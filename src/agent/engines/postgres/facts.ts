import { Failure } from "../../../errors.ts";
import type { Facts, TableFacts } from "../../../model/ledger.ts";
import { quoteIdentifier } from "../../../tools/postgres/sql-tokens.ts";
import { versionOf } from "./access.ts";
import { COLLATIONS, EXTENSIONS, OBJECTS, TABLES } from "./facts-sql.ts";
import { type Session, serverError } from "./session.ts";

interface Table {
  readonly schema: string;
  readonly name: string;
  readonly heap: string;
}

/** Rows of a table up to this heap size are counted; above it the planner's estimate is taken. */
const COUNTED_BYTES = 10 * 2 ** 30;

/** Tables locked by one statement. */
const LOCKED_AT_ONCE = 500;

/** Snapshots are shared with pg_dump through their name. */
export async function exportSnapshot(session: Session): Promise<string> {
  await session.script("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  const [row] = await session.rows<{ name: string }>("SELECT pg_catalog.pg_export_snapshot() AS name");
  return row?.name ?? "";
}

/**
 * Facts as the session's open transaction sees them. Its locks are gone afterwards, its snapshot stays. One table is
 * counted at a time, by one process, beside a dump.
 */
export async function collectFacts(session: Session): Promise<Facts> {
  await session.script("SAVEPOINT facts");
  const tables = await session.rows<Table>(TABLES);
  await lockTables(session, tables);
  const counted: [string, TableFacts][] = [];
  for (const table of tables)
    counted.push([`${table.schema}.${table.name}`, await countRows(session, table)]);
  const facts: Facts = {
    database: session.database,
    server_version: (await versionOf(session)).version,
    size_bytes: await databaseSize(session),
    tables: Object.fromEntries(counted),
    extensions: await pairs(session, EXTENSIONS),
    collations: await pairs(session, COLLATIONS),
    objects: Object.fromEntries(
      (await session.rows<{ kind: string; count: string }>(OBJECTS)).map(({ kind, count }) => [
        kind,
        Number(count),
      ]),
    ),
  };
  await session.script("ROLLBACK TO SAVEPOINT facts; RELEASE SAVEPOINT facts");
  return facts;
}

/** Bytes of the session's database. */
export async function databaseSize(session: Session): Promise<number> {
  const [row] = await session.rows<{ size: string }>(
    "SELECT pg_catalog.pg_database_size(current_database()) AS size",
  );
  return Number(row?.size ?? 0);
}

/**
 * As pg_dump does: TRUNCATE is not bound to snapshots, and would take the rows from under the count. Not where so
 * many locks, beside pg_dump's own, could fill the server's lock table: that would be the application's error.
 */
async function lockTables(session: Session, tables: readonly Table[]): Promise<void> {
  const [room] = await session.rows<{ slots: string }>(
    `SELECT current_setting('max_locks_per_transaction')::bigint
      * (current_setting('max_connections')::bigint + current_setting('max_prepared_transactions')::bigint) AS slots`,
  );
  if (tables.length * 4 > Number(room?.slots ?? 0)) return;
  await session.script("SET LOCAL lock_timeout = '10min'");
  for (let from = 0; from < tables.length; from += LOCKED_AT_ONCE) {
    const names = tables.slice(from, from + LOCKED_AT_ONCE).map((table) => `ONLY ${qualified(table)}`);
    await session.script(`LOCK TABLE ${names.join(", ")} IN ACCESS SHARE MODE`);
  }
}

/** The locks of its indexes end with the savepoint: those of all tables together could fill the lock table. */
async function countRows(session: Session, table: Table): Promise<TableFacts> {
  const exact = Number(table.heap) <= COUNTED_BYTES;
  const from = `FROM ONLY ${qualified(table)}`;
  const query = exact ? `SELECT count(*) AS rows ${from}` : `EXPLAIN (FORMAT JSON) SELECT 1 ${from}`;
  try {
    const results = await session.script(
      `SAVEPOINT counted; ${query}; ROLLBACK TO SAVEPOINT counted; RELEASE SAVEPOINT counted`,
    );
    return { rows: exact ? counted(results[1]) : estimated(results[1]), exact };
  } catch (error) {
    if (serverError(error)?.sqlstate !== "42P01") throw error;
    const name = `${table.schema}.${table.name}`;
    throw new Failure("engine.failed", `table ${name} of ${session.database} was dropped as it was counted`, {
      todo: "Run the backup again.",
      cause: error,
    });
  }
}

function counted(rows: object[] | undefined): number {
  const [row] = (rows ?? []) as { rows: string }[];
  return Number(row?.rows ?? 0);
}

function estimated(rows: object[] | undefined): number {
  const [row] = (rows ?? []) as { "QUERY PLAN": { Plan: { "Plan Rows": number } }[] }[];
  return row?.["QUERY PLAN"][0]?.Plan["Plan Rows"] ?? 0;
}

async function pairs(session: Session, sql: string): Promise<Record<string, string>> {
  const rows = await session.rows<{ name: string; version: string }>(sql);
  return Object.fromEntries(rows.map(({ name, version }) => [name, version]));
}

function qualified({ schema, name }: Table): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}
