import { statSync } from "node:fs";
import { Failure } from "../../errors.ts";
import type { Details, Facts } from "../../model/ledger.ts";
import type { AgentContext } from "../context.ts";
import type { DatabaseSource, DatabaseTarget, Engine, Source } from "../engines/engine.ts";
import { engineOf } from "../engines/index.ts";
import type { Run } from "../repository/snapshot.ts";
import { readFacts, RECORD_BYTES, storeRecord } from "./facts-file.ts";
import { goneTables } from "./gone-tables.ts";
import { madeDatabases } from "./made-databases.ts";
import type { JobResult } from "./job.ts";
import { requireScratch } from "./private-directory.ts";
import { refuseEmpty, refuseShrunk, refuseVanished, vanished } from "./refusals.ts";
import { dumpFilename, tagsOf } from "./run-tags.ts";
import { secondsBetween } from "./seconds.ts";
import { type BackupOptions, type RunWork, type Taken, takeRun, unlessAccepted } from "./take-run.ts";
import { finishRestores } from "./tidy-production.ts";

/**
 * Backs up every database of a target as one run: each dump is read back from the repository before the next, and the
 * record (globals, facts) that completes the run is stored last. On any failure nothing of the run stays.
 * @throws Failure `backup.*`, `engine.*`, `repository.*`, `dump.unreadable`, `agent.interrupted`
 */
export async function backupDatabase(
  target: DatabaseTarget,
  options: BackupOptions,
  context: AgentContext,
): Promise<JobResult> {
  const engine = engineOf(target);
  await finishRestores(target, context);
  return await takeRun(target, options, context, async (work) => {
    await requireScratch(RECORD_BYTES + copyBytes(target), context);
    context.progress({ phase: `connecting to ${target.name}` });
    const opened = await engine.open(target, context);
    const source = withoutOurs(opened, target, context);
    try {
      await refuse(source, work, options, context);
      return await work.store(() => storeAll(engine, source, work, options, context));
    } finally {
      await opened.close();
    }
  });
}

/** SQLite is copied to the scratch directory first. */
function copyBytes(target: DatabaseTarget): number {
  return target.type === "sqlite" ? (statSync(target.path, { throwIfNoEntry: false })?.size ?? 0) : 0;
}

/** What restores made beside production, or kept of it, goes when `--drop-previous` says so: no backup of that. */
function withoutOurs(source: Source, target: DatabaseTarget, context: AgentContext): Source {
  const ours = madeDatabases(target, context).map(({ name }) => name);
  return { ...source, databases: source.databases.filter(({ name }) => !ours.includes(name)) };
}

async function refuse(
  { databases }: Source,
  { previous, repository }: RunWork,
  options: BackupOptions,
  context: AgentContext,
): Promise<void> {
  // The record of the run before is read only where it matters.
  const some = databases.some(({ tableCount }) => tableCount === 0) && previous !== null;
  const facts = some ? await readFacts(repository, previous) : [];
  const subjects = databases.map(({ name, tableCount }) => {
    const before = facts.find(({ database }) => database === name);
    return {
      what: `database ${name}`,
      contents: tableCount,
      before: before === undefined ? null : Object.keys(before.tables).length,
    };
  });
  unlessAccepted(refuseEmpty(subjects, "tables"), options, context);
  unlessAccepted(refuseVanished(goneSince(previous, databases)), options, context);
}

/** The gem's snapshots name a database as its own configuration calls it. */
function goneSince(previous: Run | null, databases: readonly { readonly name: string }[]): string[] {
  if (previous?.madeBy !== "kamal-backup") return [];
  const before = previous.snapshots.flatMap((one) => one.database ?? []);
  return vanished(
    "database",
    databases.map(({ name }) => name),
    before,
  );
}

async function storeAll(
  engine: Engine,
  source: Source,
  work: RunWork,
  options: BackupOptions,
  context: AgentContext,
): Promise<Taken> {
  const { previous } = work;
  let before: Promise<Before> | null = null;
  const readBefore = (): Promise<Before> => {
    before ??= factsBefore(work);
    return before;
  };
  const stored: StoredDatabase[] = [];
  for (const database of source.databases) {
    const snapshot = previous?.snapshots.find(
      (one) => one.type === "database" && one.database === database.name,
    );
    const bytesBefore = snapshot?.sizeBytes ?? null;
    work.expect(bytesBefore ?? database.sizeBytes);
    const dumped = await storeDatabase(engine, database, work, readBefore, context);
    stored.push(dumped);
    const refusal = refuseShrunk(`database ${database.name}`, dumped.details.bytes, bytesBefore);
    unlessAccepted(refusal, options, context);
  }
  const record = { facts: stored.map(({ facts }) => facts), globals: await source.globals() };
  const last = await storeRecord(record, work, [`adapter:${engine.adapter}`], context);
  const { facts, warnings: unread } = await readBefore();
  const notices = previous === null ? [] : goneTables(previous.id, facts, record.facts);
  const warnings = [...goneSince(previous, source.databases), ...unread];
  for (const words of [...warnings, ...notices]) context.log(words);
  return {
    details: {
      server_version: source.serverVersion,
      databases: stored.map(({ details }) => details),
      record_snapshot: last.snapshotId,
    },
    warnings,
    notices,
  };
}

interface Before {
  readonly facts: readonly Facts[];
  readonly warnings: readonly string[];
}

/** What the run before recorded. That it cannot be read is no reason to fail this one. */
async function factsBefore({ previous, repository }: RunWork): Promise<Before> {
  if (previous === null) return { facts: [], warnings: [] };
  try {
    return { facts: await readFacts(repository, previous), warnings: [] };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { facts: [], warnings: [`it could not be compared with run ${previous.id}: ${error.message}`] };
  }
}

interface StoredDatabase {
  readonly facts: Facts;
  readonly details: Details & { readonly bytes: number };
}

/** @param beside done while the dump is read back: a store takes a restic that runs by then for one that was killed. */
async function storeDatabase(
  engine: Engine,
  database: DatabaseSource,
  { repository, identity }: RunWork,
  beside: () => Promise<unknown>,
  context: AgentContext,
): Promise<StoredDatabase> {
  const { name } = database;
  const began = context.clock.now();
  const counting = database.facts();
  // Looked at after the dump; where that fails first, nobody does.
  counting.catch(() => {});
  context.progress({ phase: `dumping ${name}` });
  const filename = dumpFilename(name, engine.extension);
  const tags = [...tagsOf(identity, "database"), `adapter:${engine.adapter}`, `database:${name}`];
  const { snapshotId, bytes, addedBytes } = await repository.backupStream(database.dump, filename, tags);
  context.progress({ phase: `counting ${name}` });
  const facts = await counting;
  context.progress({ phase: `reading back ${name}` });
  const readBack = repository.dumpProducer(snapshotId, `/${filename}`);
  await Promise.all([engine.verifyDump(readBack, facts, context), beside()]);
  const tables = Object.values(facts.tables);
  return {
    facts,
    details: {
      database: name,
      snapshot: snapshotId,
      bytes,
      added_bytes: addedBytes,
      tables: tables.length,
      rows: tables.reduce((sum, { rows }) => sum + rows, 0),
      seconds: secondsBetween(began, context.clock.now()),
    },
  };
}
