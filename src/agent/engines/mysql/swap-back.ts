import { rmSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { Failure } from "../../../errors.ts";
import { identifier, literal } from "../../../tools/mariadb/sql.ts";
import type { AgentContext } from "../../context.ts";
import { listDatabases } from "./catalog.ts";
import type { Client } from "./client.ts";
import { stateFile } from "./events.ts";
import { type Journal, readJournal, tablesOf } from "./swap-journal.ts";
import type { Databases } from "./swap-plan.ts";

/** How long moving the tables waits for statements that use them. */
export const WAIT_SECONDS = 10;

/** See `Server.takeBackSwap`. */
export async function takeBackSwap(
  client: Client,
  asked: Databases,
  context: AgentContext,
): Promise<boolean> {
  await endRename(client, asked);
  const journalFile = stateFile("swap", asked.live, context);
  const journal = readJournal(journalFile);
  if (journal === null || journal.restored !== asked.restored) return !(await isDone(client, asked));
  if (await isBegun(client, journal)) return false;
  await undo(client, journal);
  rmSync(journalFile, { force: true });
  return true;
}

/** One of a client that is gone may still wait for its locks, and get them. */
async function endRename(client: Client, { restored }: Databases): Promise<void> {
  const waiting = (): Promise<string[][]> =>
    client.query(
      `SELECT ID FROM information_schema.PROCESSLIST
        WHERE INFO LIKE 'RENAME TABLE %' AND INSTR(INFO, ${literal(identifier(restored))}) > 0`,
    );
  for (let tenths = 0; tenths < 10 * WAIT_SECONDS; tenths++) {
    const rows = await waiting();
    if (rows.length === 0) return;
    // It may have ended by itself.
    for (const [id = ""] of rows) await client.script(`KILL ${id}`).catch(() => {});
    await setTimeout(100);
  }
  throw new Failure("engine.failed", `The renaming of the tables of ${restored} does not end`);
}

/** What there was of live tables goes to the kept ones in the same statement. */
async function isBegun(client: Client, { restored, kept, old, fresh }: Journal): Promise<boolean> {
  if ((await tablesOf(client, kept)).size > 0) return true;
  const left = await tablesOf(client, restored);
  return old.length === 0 && fresh.some((name) => !left.has(name));
}

/** It was killed after its last step. */
export async function isDone(client: Client, { live, restored, kept }: Databases): Promise<boolean> {
  const databases = await listDatabases(client);
  return !databases.includes(restored) && databases.includes(kept) && databases.includes(live);
}

/** A swap that moved no table: what it took and made goes back. */
export async function undo(client: Client, journal: Journal): Promise<void> {
  if ((await listDatabases(client)).includes(journal.live)) await giveCodeBack(client, journal);
  if ((await tablesOf(client, journal.kept)).size === 0)
    await client.script(`DROP DATABASE IF EXISTS ${identifier(journal.kept)}`);
}

/** The live database gets back what was taken from it for the exchange. */
export async function giveCodeBack(client: Client, { live, oldCode }: Journal): Promise<void> {
  await client.script(`SET SESSION lock_wait_timeout = ${WAIT_SECONDS};\n${oldCode.sql}`, live);
}
