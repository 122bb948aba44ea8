import { identifier } from "../../../tools/mariadb/sql.ts";
import type { Facts } from "../../../model/ledger.ts";
import { type Catalog, dataTables, readCatalog } from "./catalog.ts";
import type { Client } from "./client.ts";

/** The facts of a database: what it has, with rows that somebody counted. */
export function factsOf(
  database: string,
  client: Client,
  catalog: Catalog,
  rows: ReadonlyMap<string, number>,
): Facts {
  const names = [...rows.keys()].sort();
  return {
    database,
    server_version: client.server.text,
    size_bytes: catalog.sizeBytes,
    tables: Object.fromEntries(names.map((name) => [name, { rows: rows.get(name) ?? 0, exact: true }])),
    extensions: {},
    collations: {},
    objects: catalog.objects,
  };
}

/** Counts every table of a database, one query for all of them. */
export async function countFacts(client: Client, database: string): Promise<Facts> {
  const catalog = await readCatalog(client, database);
  const tables = dataTables(catalog);
  const counts = tables.map(({ name, kind }) => {
    // The old rows are in the dump as well.
    const all = kind === "versioned" ? " FOR SYSTEM_TIME ALL" : "";
    return `SELECT COUNT(*) FROM ${identifier(name)}${all};`;
  });
  const rows = counts.length === 0 ? [] : await client.query(counts.join("\n"), database);
  const counted = new Map(tables.map(({ name }, at) => [name, Number(rows[at]?.[0] ?? 0)]));
  return factsOf(database, client, catalog, counted);
}
