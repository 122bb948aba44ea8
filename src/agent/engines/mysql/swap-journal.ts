import { readFileSync } from "node:fs";
import { readCatalog } from "./catalog.ts";
import type { Client } from "./client.ts";
import type { Code } from "./code.ts";
import type { Databases, Exchanged } from "./swap-plan.ts";

/** What a swap must know to go on, or back, after it was killed; written before the first change. */
export interface Journal extends Databases, Exchanged {
  readonly oldCode: Code;
  readonly freshCode: Code;
  /** To be enabled once they are live. */
  readonly events: readonly string[];
  /** Of the restored database. */
  readonly charset: string;
  /** Of the live one; null: there is none, and nothing to keep. */
  readonly oldCharset: string | null;
}

/** Null: no swap is under way. */
export function readJournal(file: string): Journal | null {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Journal;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/** Names of its tables, without views. */
export async function tablesOf(client: Client, database: string): Promise<ReadonlySet<string>> {
  const { tables } = await readCatalog(client, database);
  return new Set(tables.filter(({ kind }) => kind !== "view").map(({ name }) => name));
}
