import type { AgentContext } from "../context.ts";
import { engineOf } from "../engines/index.ts";
import type { Comparison } from "./compare-facts.ts";
import { compareRestored, factsOf } from "./compare-restored.ts";
import { JobFailure, type JobResult } from "./job.ts";
import { noteMade, strikeMade } from "./made-databases.ts";
import { dumpOf } from "./pinned-run.ts";
import type { Restore } from "./restore-subject.ts";
import { swapIn } from "./restore-leftovers.ts";
import { keptName, restoredName, stampOf } from "./restored-names.ts";
import { secondsBetween } from "./seconds.ts";
import { hasServerRoom, requireServerRoom } from "./server-room.ts";
import { interruptedOr, stopIfTold } from "./stop-if-told.ts";

/** Restores a whole database beside the one in production, compares it, and puts it in its place. */
export async function restoreWhole(restore: Restore, context: AgentContext): Promise<JobResult> {
  const { target, pinned, record, database, snapshot, server, began } = restore;
  const taken = await server.databases();
  const name = restoredName(database, stampOf(pinned.run.time), taken);
  const keptAs = keptName(database, stampOf(began), taken);
  const made = { name, of: database, at: began.toISOString() };
  noteMade(target, { ...made, stage: "restored", keptAs: null }, context);
  const comparison = await restoreBeside(restore, name, context);
  stopIfTold(context);
  context.progress({ phase: `putting ${database} in place` });
  await uninterrupted(restore, context, async (patient) => {
    await swapIn(target, patient, { ...made, stage: "swapping", keptAs }, context);
  });
  const kept = taken.includes(database) ? keptAs : null;
  context.log(`${database} is restored${kept === null ? "" : `; the one that was there is kept as ${kept}`}`);
  return {
    outcome: "success",
    details: {
      run: pinned.run.id,
      snapshot: snapshot.id,
      repository: pinned.repository.name,
      database,
      kept_as: kept,
      tables: comparison.tables,
      rows: comparison.rows,
      compared: record !== null,
      notes: comparison.notes,
      seconds: secondsBetween(began, context.clock.now()),
      rto_seconds: target.objectives.rto_seconds,
    },
  };
}

/** Roles that are missing stay when the restore fails later on, so they are logged. */
async function restoreRoles(
  server: Restore["server"],
  record: Restore["record"],
  context: AgentContext,
): Promise<void> {
  if (record === null || record.globals === null) return;
  context.progress({ phase: "restoring roles" });
  const made = await server.restoreGlobals(record.globals);
  if (made.length > 0) context.log(`made the roles ${made.join(", ")}, which were not there`);
}

/** What differs is dropped again: nobody is to take it for the restored database. */
async function restoreBeside(restore: Restore, name: string, context: AgentContext): Promise<Comparison> {
  const { target, pinned, record, database, snapshot, server } = restore;
  try {
    context.progress({ phase: `restoring ${database}` });
    const beforehand = async (): Promise<void> => {
      // The scratch directory, with a copy of the dump by now, is often on the server's disk.
      await requireServerRoom(restore);
      await restoreRoles(server, record, context);
    };
    const recorded = record === null ? null : factsOf(record, database);
    const hasRoom = (): Promise<boolean> => hasServerRoom(restore);
    await server.restore(dumpOf(pinned, snapshot), name, database, { recorded, hasRoom, beforehand });
    context.progress({ phase: `comparing ${database}` });
    const comparison = compareRestored(record, database, await server.facts(name));
    if (comparison.differences.length === 0) return comparison;
    throw new JobFailure("restore.differs", `${database} did not come back as it was when it was backed up`, {
      detail: comparison.differences.join("\n"),
      details: { run: pinned.run.id, snapshot: snapshot.id, database, differences: comparison.differences },
    });
  } catch (error) {
    await server
      .drop(name)
      .then(() => strikeMade(target, [name], context))
      .catch((failed: Error) =>
        context.log(`${name} stays until the next restore or drill: ${failed.message}`),
      );
    throw interruptedOr(error, context);
  }
}

/** With a connection that does not end with the work's signal: half a swap is worse than a late end. */
async function uninterrupted(
  { target }: Restore,
  context: AgentContext,
  work: (server: Restore["server"]) => Promise<void>,
): Promise<void> {
  const patient = await engineOf(target).connect(target, {
    ...context,
    signal: new AbortController().signal,
  });
  try {
    await work(patient);
  } finally {
    await patient.close();
  }
}
