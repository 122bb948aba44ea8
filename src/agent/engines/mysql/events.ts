import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { identifier, literal } from "../../../tools/mariadb/sql.ts";
import type { AgentContext } from "../../context.ts";
import { writeWhole } from "../../write-whole.ts";
import type { Client } from "./client.ts";

/** Where this engine keeps what a restore in production must not forget. */
export function stateFile(kind: "events" | "swap", database: string, context: AgentContext): string {
  const directory = join(context.stateDirectory, "mysql");
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return join(directory, `${kind}-${encodeURIComponent(database)}.json`);
}

/**
 * Stops the events of a restored database: beside production they would run on data that nobody uses yet. Which ones
 * were enabled is remembered for the swap.
 */
export async function pauseEvents(client: Client, database: string, context: AgentContext): Promise<void> {
  const rows = await client.query(
    `SELECT EVENT_NAME FROM information_schema.EVENTS WHERE STATUS = 'ENABLED' AND EVENT_SCHEMA = ${literal(database)}`,
  );
  const names = rows.map(([name = ""]) => name);
  if (names.length === 0) return;
  writeWhole(stateFile("events", database, context), JSON.stringify(names));
  await alterEvents(client, database, names, "DISABLE");
}

/** Those that `pauseEvents` stopped in a database. */
export function pausedEvents(database: string, context: AgentContext): readonly string[] {
  try {
    return JSON.parse(readFileSync(stateFile("events", database, context), "utf8")) as string[];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

export function forgetEvents(database: string, context: AgentContext): void {
  rmSync(stateFile("events", database, context), { force: true });
}

/** One whose time is over is gone as soon as it is made: only those that are there are altered. */
export async function alterEvents(
  client: Client,
  database: string,
  names: readonly string[],
  to: "ENABLE" | "DISABLE",
): Promise<void> {
  if (names.length === 0) return;
  const rows = await client.query(
    `SELECT EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ${literal(database)}`,
  );
  const there = rows.map(([name = ""]) => name).filter((name) => names.includes(name));
  const statements = there.map((name) => `ALTER EVENT ${identifier(name)} ${to};`);
  if (statements.length > 0) await client.script(statements.join("\n"), database);
}
