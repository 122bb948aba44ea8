import { literal } from "../../../tools/mariadb/sql.ts";
import type { Client } from "./client.ts";

/** A table as the server lists it. */
export interface CatalogTable {
  readonly name: string;
  readonly kind: "table" | "versioned" | "sequence" | "view";
  /** Can be read within a transaction while others write. */
  readonly transactional: boolean;
}

/** What a database has besides its tables' rows. */
export interface Catalog {
  /** In the order of their names. */
  readonly tables: readonly CatalogTable[];
  readonly objects: Readonly<Record<string, number>>;
  readonly sizeBytes: number;
  /** What new tables get: `CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci`. */
  readonly charset: string;
}

/** Made by the servers themselves. */
const SYSTEM = ["information_schema", "performance_schema", "mysql", "sys"];

/** All databases but the servers' own, in the order of their names. */
export async function listDatabases(client: Client): Promise<string[]> {
  const rows = await client.query("SELECT SCHEMA_NAME FROM information_schema.SCHEMATA");
  const names = rows.map(([name = ""]) => name).filter((name) => !SYSTEM.includes(name.toLowerCase()));
  return names.sort();
}

const KINDS: Readonly<Record<string, CatalogTable["kind"]>> = {
  "BASE TABLE": "table",
  "SYSTEM VERSIONED": "versioned",
  SEQUENCE: "sequence",
  VIEW: "view",
};

/** Tables and objects of one database. */
export async function readCatalog(client: Client, database: string): Promise<Catalog> {
  const schema = literal(database);
  // A session may be set to read stale statistics (MySQL), which is fine for a size.
  const rows = await client.query(
    `SELECT 'C', DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA
      WHERE SCHEMA_NAME = ${schema};
     SELECT 'T', TABLE_NAME, TABLE_TYPE, COALESCE(ENGINE, ''),
            COALESCE(DATA_LENGTH, 0) + COALESCE(INDEX_LENGTH, 0)
       FROM information_schema.TABLES WHERE TABLE_SCHEMA = ${schema};
     SELECT 'O', LOWER(ROUTINE_TYPE), COUNT(*), '', '' FROM information_schema.ROUTINES
      WHERE ROUTINE_SCHEMA = ${schema} GROUP BY 2;
     SELECT 'O', 'trigger', COUNT(*), '', '' FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = ${schema};
     SELECT 'O', 'event', COUNT(*), '', '' FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ${schema};
     SELECT 'O', 'lapsing event', COUNT(*), '', '' FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ${schema}
        AND ON_COMPLETION = 'NOT PRESERVE' AND (EVENT_TYPE = 'ONE TIME' OR ENDS IS NOT NULL);
     SELECT 'O', 'foreign key', COUNT(*), '', '' FROM information_schema.REFERENTIAL_CONSTRAINTS
      WHERE CONSTRAINT_SCHEMA = ${schema};`,
  );
  const tables = rows
    .filter(([mark]) => mark === "T")
    .map(([, name = "", type = "", engine = ""]) => ({
      name,
      kind: KINDS[type] ?? ("table" as const),
      transactional: engine === "InnoDB" || engine === "" || engine === "ROCKSDB",
    }));
  const objects: Record<string, number> = {};
  for (const [mark, kind = "", count = "0"] of rows)
    if (mark === "O") addTo(objects, `${kind}s`, Number(count));
  for (const { kind } of tables) if (kind === "view" || kind === "sequence") addTo(objects, `${kind}s`, 1);
  const sizeBytes = rows.reduce((sum, row) => (row[0] === "T" ? sum + Number(row[4]) : sum), 0);
  const [, charset = "utf8mb4", collation = "utf8mb4_general_ci"] = rows.find(([mark]) => mark === "C") ?? [];
  return {
    tables: tables.sort(byName),
    objects,
    sizeBytes,
    charset: `CHARACTER SET ${charset} COLLATE ${collation}`,
  };
}

function addTo(objects: Record<string, number>, key: string, count: number): void {
  if (count > 0) objects[key] = (objects[key] ?? 0) + count;
}

/** By code units, as JavaScript sorts: the same on every machine. */
function byName(one: { readonly name: string }, other: { readonly name: string }): number {
  return one.name < other.name ? -1 : one.name > other.name ? 1 : 0;
}

/** Those that hold rows. */
export function dataTables(catalog: Catalog): readonly CatalogTable[] {
  return catalog.tables.filter(({ kind }) => kind === "table" || kind === "versioned");
}

/** Generated columns by table; none of MariaDB, which takes any value for them. */
export async function generatedColumns(
  client: Client,
  database: string,
): Promise<Readonly<Record<string, readonly string[]>>> {
  if (client.server.isMariadb) return {};
  const rows = await client.query(
    `SELECT TABLE_NAME, COLUMN_NAME FROM information_schema.COLUMNS
      WHERE GENERATION_EXPRESSION <> '' AND TABLE_SCHEMA = ${literal(database)}`,
  );
  const columns: Record<string, string[]> = {};
  for (const [table = "", column = ""] of rows) columns[table] = [...(columns[table] ?? []), column];
  return columns;
}
