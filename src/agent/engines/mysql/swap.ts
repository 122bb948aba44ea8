import { rmSync } from "node:fs";
import { Failure } from "../../../errors.ts";
import { identifier, literal } from "../../../tools/mariadb/sql.ts";
import type { AgentContext } from "../../context.ts";
import { writeWhole } from "../../write-whole.ts";
import { listDatabases, readCatalog } from "./catalog.ts";
import type { Client } from "./client.ts";
import { dropActive, dropOutdated, NO_CODE, readCode } from "./code.ts";
import { alterEvents, forgetEvents, pausedEvents, stateFile } from "./events.ts";
import { giveCodeBack, isDone, undo, WAIT_SECONDS } from "./swap-back.ts";
import { type Journal, readJournal, tablesOf } from "./swap-journal.ts";
import { type Databases, renameStatement } from "./swap-plan.ts";

const ATTEMPTS = 3;

/**
 * Exchanges the tables of two databases by one RENAME TABLE, which is atomic and keeps grants and foreign keys right;
 * neither server can rename a database. What RENAME does not take along (triggers, views, routines, events) is read
 * before, and is made anew on both sides. For the moment of the renaming the live tables have no triggers and events.
 * A journal is kept over it: killed at any time and called again it goes on, and gives the old code back where it fails.
 */
export async function swapDatabases(client: Client, asked: Databases, context: AgentContext): Promise<void> {
  const journalFile = stateFile("swap", asked.live, context);
  let journal = readJournal(journalFile);
  if (journal !== null && !(await isWanted(client, journal, asked))) {
    await endEarlier(client, journal, context);
    rmSync(journalFile, { force: true });
    journal = null;
  }
  if (journal === null && (await isDone(client, asked))) return;
  journal ??= await prepare(client, asked, journalFile, context);
  if (journal.kept !== asked.kept)
    context.log(`The swap that was interrupted goes on: ${journal.kept} is kept`);
  await makeDatabases(client, journal);
  await moveTables(client, journal, context);
  await finish(client, journal, context);
  rmSync(journalFile, { force: true });
  forgetEvents(journal.restored, context);
}

async function prepare(
  client: Client,
  { live, restored, kept }: Databases,
  file: string,
  context: AgentContext,
): Promise<Journal> {
  const databases = await listDatabases(client);
  if (!databases.includes(restored)) throw refused(`There is no restored database ${restored}`);
  if (databases.includes(kept)) throw refused(`There is a database ${kept} already`);
  const strangers = await client.query(
    `SELECT DISTINCT CONCAT(CONSTRAINT_SCHEMA, '.', TABLE_NAME) FROM information_schema.REFERENTIAL_CONSTRAINTS
      WHERE UNIQUE_CONSTRAINT_SCHEMA = ${literal(live)} AND CONSTRAINT_SCHEMA <> ${literal(live)}`,
  );
  if (strangers.length > 0)
    throw refused(`Foreign keys of other databases would follow the old tables: ${strangers.join(", ")}`);

  const { charset } = await readCatalog(client, restored);
  const journal: Journal = {
    live,
    restored,
    kept,
    old: [...(await tablesOf(client, live))],
    fresh: [...(await tablesOf(client, restored))],
    oldCode: databases.includes(live) ? await readCode(client, live) : NO_CODE,
    freshCode: await readCode(client, restored),
    events: pausedEvents(restored, context),
    charset,
    oldCharset: databases.includes(live) ? (await readCatalog(client, live)).charset : null,
  };
  writeWhole(file, JSON.stringify(journal));
  return journal;
}

async function makeDatabases(client: Client, journal: Journal): Promise<void> {
  const { live, kept, charset, oldCharset } = journal;
  await client.script(`CREATE DATABASE IF NOT EXISTS ${identifier(live)} ${charset}`);
  if (oldCharset !== null)
    await client.script(`CREATE DATABASE IF NOT EXISTS ${identifier(kept)} ${oldCharset}`);
}

async function nextRename(client: Client, journal: Journal): Promise<string | null> {
  return renameStatement(journal, journal, {
    live: await tablesOf(client, journal.live),
    restored: await tablesOf(client, journal.restored),
    kept: await tablesOf(client, journal.kept),
  });
}

async function moveTables(client: Client, journal: Journal, context: AgentContext): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const rename = await nextRename(client, journal);
    if (rename === null) return;
    // A new table cannot take the place of an old view; all other views may stay until the new ones replace them.
    const inTheWay = journal.oldCode.views.filter((name) => journal.fresh.includes(name));
    const script = [
      `SET SESSION lock_wait_timeout = ${WAIT_SECONDS};`,
      `USE ${identifier(journal.restored)};`,
      dropActive(journal.freshCode, []),
      `USE ${identifier(journal.live)};`,
      dropActive(journal.oldCode, inTheWay),
      rename,
    ].join("\n");
    try {
      await client.script(script);
      return;
    } catch (error) {
      // The renaming may have been done all the same: the answer was lost, or the signal came.
      if ((await nextRename(client, journal)) === null) return;
      const message = error instanceof Failure ? error.message : String(error);
      if (!/^ERROR 1205 /.test(message) || attempt === ATTEMPTS) {
        await giveCodeBack(client, journal);
        throw refused(`The tables could not be exchanged: ${message}`);
      }
      context.log(`${journal.live} is in use: ending the connections that hold its tables`);
      await endConnections(client, journal.live);
    }
  }
}

/** Those that hold locks on tables of it do so in a transaction: other ones are waiting for us. */
async function endConnections(client: Client, database: string): Promise<void> {
  const rows = await client.query(
    `SELECT ID FROM information_schema.PROCESSLIST WHERE DB = ${literal(database)} AND ID <> CONNECTION_ID()`,
  );
  for (const [id = ""] of rows) {
    // It may have ended by itself.
    await client.script(`KILL ${id}`).catch(() => {});
  }
}

/** The new tables are live. Everything here can be done twice. */
async function finish(client: Client, journal: Journal, context: AgentContext): Promise<void> {
  const { live, restored, oldCode, freshCode } = journal;
  await client.script(
    [
      dropActive(oldCode, []),
      dropOutdated(oldCode, freshCode),
      `ALTER DATABASE ${identifier(live)} ${journal.charset};`,
      freshCode.sql,
    ].join("\n"),
    live,
  );
  await alterEvents(client, live, journal.events, "ENABLE");
  if (journal.oldCharset !== null) await keepCode(client, journal, context);
  const left = (await listDatabases(client)).includes(restored)
    ? await tablesOf(client, restored)
    : new Set();
  if (left.size > 0)
    throw new Failure("restore.swap-refused", `${restored} still has tables: ${[...left].join(", ")}`, {
      todo: "The restored tables are live. Drop these, then run a drill: it brings the restore to its end.",
    });
  await client.script(`DROP DATABASE IF EXISTS ${identifier(restored)}`);
}

/** The kept tables get their code back, stopped. Its lack is no reason to call the restore failed. */
async function keepCode(client: Client, { kept, oldCode }: Journal, context: AgentContext): Promise<void> {
  try {
    await client.script(oldCode.sql, kept);
    await alterEvents(client, kept, oldCode.events, "DISABLE");
  } catch (error) {
    const message = error instanceof Failure ? error.message : String(error);
    context.log(
      `The tables of ${kept} are all there, but not all of its views, triggers and routines: ${message}`,
    );
  }
}

/** Whether the earlier swap can go on as the one that is asked for. */
async function isWanted(client: Client, journal: Journal, asked: Databases): Promise<boolean> {
  if (journal.restored !== asked.restored) return false;
  return (await isMoved(client, journal)) || (await listDatabases(client)).includes(journal.restored);
}

async function isMoved(client: Client, journal: Journal): Promise<boolean> {
  const kept = await tablesOf(client, journal.kept);
  return journal.old.every((name) => kept.has(name)) && (await nextRename(client, journal)) === null;
}

/** Brings an earlier swap to its end where its tables are live, and otherwise gives the live ones their old code back. */
async function endEarlier(client: Client, journal: Journal, context: AgentContext): Promise<void> {
  if (await isMoved(client, journal)) {
    context.log(`The swap of ${journal.restored} that was interrupted is brought to its end first`);
    await finish(client, journal, context);
  } else await undo(client, journal);
}

function refused(message: string): Failure {
  return new Failure("restore.swap-refused", message);
}
