import type { AgentContext } from "../context.ts";
import type { DatabaseTarget } from "../engines/engine.ts";
import { engineOf } from "../engines/index.ts";
import type { Snapshot } from "../repository/snapshot.ts";
import { applicationDatabase, chooseDatabase, dumpsOf } from "./choose-database.ts";
import { requireServerRoom } from "./server-room.ts";
import { readRecord } from "./facts-file.ts";
import type { JobResult } from "./job.ts";
import { type PinnedRun, withRun } from "./pinned-run.ts";
import { requireConfirmation } from "./require-confirmation.ts";
import { finishSwaps, removeLeftovers } from "./restore-leftovers.ts";
import { restoreTable } from "./restore-table.ts";
import { restoreWhole } from "./restore-whole.ts";

export interface RestoreOptions {
  /** `latest`, a timestamp, or the start of a snapshot's id. */
  readonly selector: string;
  /** Null: the application's, or the only one of the run. */
  readonly database: string | null;
  /** Only this table: `schema.table`, or its name alone where that says which; null: all of the database. */
  readonly table: string | null;
  /** What was typed: has to be the database's name. */
  readonly confirm: string;
}

/**
 * Restores a database in production: beside it, compared with what was recorded, then put in its place; the one that
 * was there is kept under a dated name. Until that moment production is not touched, whatever happens.
 * @throws Failure `restore.*`, `repository.*`, `engine.*`, `facts.unreadable`, `agent.interrupted`
 */
export async function restoreDatabase(
  target: DatabaseTarget,
  options: RestoreOptions,
  context: AgentContext,
): Promise<JobResult> {
  const began = context.clock.now();
  return await withRun(target, options.selector, context, (pinned) =>
    restoreFrom(target, pinned, began, options, context),
  );
}

async function restoreFrom(
  target: DatabaseTarget,
  pinned: PinnedRun,
  began: Date,
  options: RestoreOptions,
  context: AgentContext,
): Promise<JobResult> {
  const dumps = dumpsOf(pinned.run, target, options.database, context);
  const database = chooseDatabase([...dumps.keys()], options.database, applicationDatabase(target, context));
  requireConfirmation(target, database, options.confirm);
  const record = await readRecord(pinned.repository, pinned.run);
  context.progress({ phase: `connecting to ${target.name}` });
  const server = await engineOf(target).connect(target, context);
  try {
    await finishSwaps(target, server, context);
    await removeLeftovers(target, server, context);
    const snapshot = dumps.get(database) as Snapshot;
    const restore = { target, pinned, record, database, snapshot, server, began };
    await requireServerRoom(restore);
    if (options.table !== null) return await restoreTable(restore, options.table, context);
    return await restoreWhole(restore, context);
  } finally {
    await server.close();
  }
}
