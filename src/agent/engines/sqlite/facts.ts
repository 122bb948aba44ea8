import { Failure } from "../../../errors.ts";
import type { Facts } from "../../../model/ledger.ts";
import { identifier } from "../../../tools/sqlite/shell.ts";
import type { AgentContext } from "../../context.ts";
import { queryShell } from "./shell.ts";

/** Tables whose rows are the user's. Rows of virtual ones are in tables of their own, which their modules read. */
const TABLES = `SELECT name FROM pragma_table_list
  WHERE schema = 'main' AND type = 'table' AND substr(name, 1, 7) <> 'sqlite_' ORDER BY name`;

const OBJECTS = `SELECT CASE WHEN sql LIKE 'CREATE VIRTUAL %' THEN 'virtual tables'
    WHEN type = 'index' THEN 'indexes' ELSE type || 's' END AS kind, count(*) AS count
  FROM sqlite_schema WHERE type <> 'table' OR sql LIKE 'CREATE VIRTUAL %' GROUP BY 1 ORDER BY 1`;

/** How many tables it has. */
export async function countTables(file: string, context: AgentContext): Promise<number> {
  return (await queryShell(file, TABLES, context)).length;
}

/** Counts every table of a database file. */
export async function readFacts(database: string, file: string, context: AgentContext): Promise<Facts> {
  const tables = (await queryShell(file, TABLES, context)).map(({ name }) => String(name));
  const counts: Record<string, { rows: number; exact: boolean }> = {};
  // A few at a time: a compound SELECT has at most 500 terms.
  for (let at = 0; at < tables.length; at += 100) {
    const selects = tables
      .slice(at, at + 100)
      .map((name) => `SELECT count(*) AS rows FROM ${identifier(name)}`);
    const rows = await queryShell(file, selects.join(" UNION ALL "), context);
    for (const [index, row] of rows.entries())
      counts[tables[at + index] ?? ""] = { rows: Number(row["rows"]), exact: true };
  }
  const objects = await queryShell(file, OBJECTS, context);
  const [about] = await queryShell(
    file,
    "SELECT sqlite_version() AS version, page_count * page_size AS size FROM pragma_page_count, pragma_page_size",
    context,
  );
  return {
    database,
    server_version: String(about?.["version"]),
    size_bytes: Number(about?.["size"]),
    tables: counts,
    extensions: {},
    collations: {},
    objects: Object.fromEntries(objects.map(({ kind, count }) => [String(kind), Number(count)])),
  };
}

/** Its structure is sound. Failure `engine.failed` with what SQLite found. */
export async function checkIntegrity(file: string, what: string, context: AgentContext): Promise<void> {
  const rows = await queryShell(file, "PRAGMA quick_check(10)", context);
  const found = rows.map((row) => String(Object.values(row)[0]));
  if (found.length === 1 && found[0] === "ok") return;
  throw new Failure("engine.failed", `${what} is damaged: ${context.redact(found.join("; "))}`, {
    todo: "Restore an earlier backup, or recover what is readable with the command .recover of sqlite3.",
  });
}
