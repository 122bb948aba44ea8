import { Failure } from "../../errors.ts";
import type { Facts } from "../../model/ledger.ts";
import type { AgentContext } from "../context.ts";
import { chooseTable } from "./choose-table.ts";
import { compareFacts } from "./compare-facts.ts";
import { factsOf } from "./compare-restored.ts";
import { JobFailure, type JobResult } from "./job.ts";
import { noteMade, strikeMade } from "./made-databases.ts";
import { dumpOf } from "./pinned-run.ts";
import type { Restore } from "./restore-subject.ts";
import { restoredName, stampOf } from "./restored-names.ts";
import { secondsBetween } from "./seconds.ts";
import { hasServerRoom, requireServerRoom } from "./server-room.ts";
import { interruptedOr, stopIfTold } from "./stop-if-told.ts";
import { swapTableIn } from "./swap-table-in.ts";

/**
 * Restores one table: into a database beside production, compared with what was recorded of it, then into the live
 * database, where the table that was there is kept in a dated schema.
 * @throws Failure `restore.not-possible` where the engine cannot, `restore.no-such-table`, `restore.table-refused`
 */
export async function restoreTable(
  restore: Restore,
  asked: string,
  context: AgentContext,
): Promise<JobResult> {
  const { target, pinned, record, database, snapshot, server, began } = restore;
  if (server.swapTable === undefined) {
    throw new Failure(
      "restore.not-possible",
      `${target.name} cannot take a single table: restore all of ${database}`,
    );
  }
  const recorded = record === null ? null : factsOf(record, database);
  const table = chooseTable(recorded === null ? null : Object.keys(recorded.tables), asked);
  const stamp = stampOf(began);
  const name = restoredName(database, stamp, await server.databases());
  noteMade(target, { name, of: database, stage: "restored", keptAs: null, at: began.toISOString() }, context);
  try {
    context.progress({ phase: `restoring ${table}` });
    const found = await restoreBeside(restore, table, name, context).catch((error: unknown) => {
      throw interruptedOr(error, context);
    });
    const { differences, notes } = compareFacts(onlyTable(recorded ?? found, table), onlyTable(found, table));
    if (differences.length > 0) {
      throw new JobFailure("restore.differs", `${table} did not come back as it was when it was backed up`, {
        detail: differences.join("\n"),
        details: { run: pinned.run.id, snapshot: snapshot.id, database, table, differences },
      });
    }
    stopIfTold(context);
    context.progress({ phase: `putting ${table} in place` });
    const keptIn = `before_${stamp}`;
    const beside = `restored_${stamp}`;
    const swapped = await swapTableIn(restore, { restored: name, database, table, beside, keptIn }, context);
    context.log(
      `${table} is restored${swapped.rowsBefore === null ? "" : `; the one that was there is in ${keptIn}`}`,
    );
    for (const left of swapped.left) context.log(left);
    return {
      outcome: "success",
      details: {
        run: pinned.run.id,
        snapshot: snapshot.id,
        repository: pinned.repository.name,
        database,
        table,
        rows: swapped.rows,
        rows_before: swapped.rowsBefore,
        kept_in: swapped.rowsBefore === null ? null : keptIn,
        compared: record !== null,
        notes: [...notes, ...swapped.left],
        seconds: secondsBetween(began, context.clock.now()),
      },
    };
  } finally {
    await server
      .drop(name)
      .then(() => strikeMade(target, [name], context))
      .catch((failed: Error) =>
        context.log(`${name} stays until the next restore or drill: ${failed.message}`),
      );
  }
}

/** What is in the database beside production once it has the table. */
async function restoreBeside(
  restore: Restore,
  table: string,
  name: string,
  context: AgentContext,
): Promise<Facts> {
  const { pinned, database, snapshot, server } = restore;
  await server.restore(dumpOf(pinned, snapshot), name, database, {
    tables: [table],
    hasRoom: () => hasServerRoom(restore),
    beforehand: () => requireServerRoom(restore),
  });
  context.progress({ phase: `comparing ${table}` });
  return await server.facts(name);
}

function onlyTable(facts: Facts, table: string): Facts {
  const one = facts.tables[table];
  return {
    ...facts,
    tables: one === undefined ? {} : { [table]: one },
    objects: {},
    extensions: {},
    collations: {},
  };
}
