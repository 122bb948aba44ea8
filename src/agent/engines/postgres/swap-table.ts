import { Failure } from "../../../errors.ts";
import { pgDumpTable } from "../../../tools/postgres/argv.ts";
import { quoteIdentifier } from "../../../tools/postgres/sql-tokens.ts";
import type { AgentContext } from "../../context.ts";
import type { TableSwap, TableSwapped } from "../engine.ts";
import {
  boundTo,
  columnsOf,
  countOf,
  findTable,
  foreignKeysOf,
  partsOf,
  sequencesOf,
  type Table,
} from "./live-table.ts";
import { type Destination, fill } from "./restore.ts";
import { openSession, type Session, serverError } from "./session.ts";

/**
 * See `Server.swapTable`. The restored table is loaded into a schema beside the live one. Then, in one transaction, the
 * live table moves to the schema `keptIn` and the restored one into its place: schemas are what is changed, so indexes,
 * constraints and owned sequences move along under their own names. Foreign keys are taken off the old table and put
 * on the new one, which validates them; sequences go on from wherever they were further.
 */
export async function swapTable(
  destination: Destination,
  swap: TableSwap,
  context: AgentContext,
): Promise<TableSwapped> {
  await moveAside(destination, swap, context);
  const session = await openSession(destination.access, swap.database, context);
  try {
    await findTable(session, swap.table);
    await load(destination, session, swap, context);
    const swapped = await exchange(session, swap);
    await session.script(`ANALYZE ${(await findTable(session, swap.table))?.sql ?? ""}`);
    return swapped;
  } finally {
    await session.close();
  }
}

/** In the restored database, so that its dump names the other schema. */
async function moveAside(
  { access }: Destination,
  { restored, table, beside }: TableSwap,
  context: AgentContext,
): Promise<void> {
  const session = await openSession(access, restored, context);
  try {
    const found = await findTable(session, table);
    if (found === null) throw new Failure("restore.table-refused", `the backup has no table ${table}`);
    const schema = quoteIdentifier(beside);
    await session.script(
      `BEGIN; CREATE SCHEMA ${schema}; ALTER TABLE ${found.sql} SET SCHEMA ${schema}; COMMIT`,
    );
  } finally {
    await session.close();
  }
}

async function load(
  destination: Destination,
  session: Session,
  { restored, database, table, beside }: TableSwap,
  context: AgentContext,
): Promise<void> {
  const { access, programs } = destination;
  const schema = quoteIdentifier(beside);
  await session.script(`CREATE SCHEMA ${schema}`);
  const name = quoteIdentifier(nameOf(table, await schemasOf(session)));
  const dump = pgDumpTable(programs, access, restored, `${schema}.${name}`);
  const how = { file: null, jobs: 1, tablespaces: false, list: null, singleTransaction: true, goOn: false };
  try {
    await fill(destination, { dump, file: null }, database, how, context);
  } catch (error) {
    await session.script(`DROP SCHEMA ${schema} CASCADE`).catch(() => {});
    throw error;
  }
}

async function exchange(session: Session, swap: TableSwap): Promise<TableSwapped> {
  await session.script("BEGIN; SET LOCAL lock_timeout = '15s'");
  try {
    const swapped = await exchangeInTransaction(session, swap);
    await session.script("COMMIT");
    return swapped;
  } catch (error) {
    await session.script("ROLLBACK").catch(() => {});
    const said = serverError(error);
    if (said === null) throw error;
    throw new Failure(
      "restore.table-refused",
      `${swap.table} cannot take the place of the live one: ${said.message}`,
      { where: `database ${swap.database}`, ...(said.detail === null ? {} : { detail: said.detail }) },
    );
  }
}

async function exchangeInTransaction(
  session: Session,
  { table, beside, keptIn, database }: TableSwap,
): Promise<TableSwapped> {
  const live = await findTable(session, table);
  const name = live?.name ?? nameOf(table, await schemasOf(session));
  const schema = live?.schema ?? table.slice(0, -name.length - 1);
  const restored = await findTable(session, `${beside}.${name}`);
  if (restored === null) throw new Failure("internal.bug", `${beside}.${name} was not loaded`);
  const place = `ALTER TABLE ${restored.sql} SET SCHEMA ${quoteIdentifier(schema)}`;
  const end = `DROP SCHEMA ${quoteIdentifier(beside)}`;
  if (live === null) {
    await session.script(`${place}; ${end}`);
    const left = ["foreign keys of the table and to it: there was no live table to take them from"];
    const rows = await countOf(session, {
      ...restored,
      sql: `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`,
    });
    return { rows, rowsBefore: null, left };
  }
  await session.script(`LOCK TABLE ${live.sql}, ${restored.sql} IN ACCESS EXCLUSIVE MODE`);
  await refuseDifference(session, live, restored, database);
  const [rows, rowsBefore] = [await countOf(session, restored), await countOf(session, live)];
  const [had, has] = [await partsOf(session, live), new Set(await partsOf(session, restored))];
  await continueSequences(session, live, restored);
  const keys = await foreignKeysOf(session, live);
  for (const { on, name: key } of keys)
    await session.script(`ALTER TABLE ${on} DROP CONSTRAINT ${quoteIdentifier(key)}`);
  await session.script(
    `CREATE SCHEMA ${quoteIdentifier(keptIn)}; ALTER TABLE ${live.sql} SET SCHEMA ${quoteIdentifier(keptIn)}; ${place}; ${end}`,
  );
  for (const { on, name: key, definition } of keys)
    await session.script(`ALTER TABLE ${on} ADD CONSTRAINT ${quoteIdentifier(key)} ${definition}`);
  return { rows, rowsBefore, left: had.filter((part) => !has.has(part)) };
}

async function refuseDifference(
  session: Session,
  live: Table,
  restored: Table,
  database: string,
): Promise<void> {
  const where = `database ${database}`;
  const bound = await boundTo(session, live);
  if (bound.length > 0)
    throw new Failure("restore.table-refused", `${bound.join(", ")} would stay with the old table`, {
      where,
    });
  const [now, then] = [await columnsOf(session, live), await columnsOf(session, restored)];
  const added = now.filter((column) => !then.includes(column));
  const gone = then.filter((column) => !now.includes(column));
  if (added.length + gone.length === 0) return;
  throw new Failure("restore.table-refused", "the live table has other columns than the one in the backup", {
    where,
    detail: [...added.map((column) => `live: ${column}`), ...gone.map((column) => `backup: ${column}`)].join(
      "\n",
    ),
  });
}

/** Numbers that were given out after the backup may be known elsewhere: they are not given out again. */
async function continueSequences(session: Session, live: Table, restored: Table): Promise<void> {
  const before = await sequencesOf(session, live);
  for (const [column, sequence] of await sequencesOf(session, restored)) {
    const old = before.get(column);
    if (old === undefined) continue;
    await session.script(
      `SELECT pg_catalog.setval('${sequence.replaceAll("'", "''")}', o.last_value, o.is_called)
        FROM ${old} AS o, ${sequence} AS n WHERE (o.last_value, o.is_called) > (n.last_value, n.is_called)`,
    );
  }
}

async function schemasOf(session: Session): Promise<string[]> {
  const rows = await session.rows<{ name: string }>("SELECT nspname AS name FROM pg_catalog.pg_namespace");
  return rows.map(({ name }) => name);
}

/** The table's part of `schema.table`, of which either may hold a dot. @throws Failure `restore.table-refused` without such a schema. */
function nameOf(table: string, schemas: readonly string[]): string {
  const schema = schemas
    .filter((name) => table.startsWith(`${name}.`))
    .sort((a, b) => b.length - a.length)[0];
  if (schema !== undefined) return table.slice(schema.length + 1);
  throw new Failure("restore.table-refused", `there is no schema for ${table} in the live database`);
}
