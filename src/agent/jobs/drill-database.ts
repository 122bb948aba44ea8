import { Failure } from "../../errors.ts";
import type { Details } from "../../model/ledger.ts";
import type { AgentContext } from "../context.ts";
import type { AssertionResult, DatabaseTarget, Throwaway } from "../engines/engine.ts";
import { diskOf, fits } from "../disk.ts";
import { engineOf } from "../engines/index.ts";
import type { Snapshot } from "../repository/snapshot.ts";
import { applicationDatabase, chooseDatabase, dumpsOf } from "./choose-database.ts";
import type { Comparison } from "./compare-facts.ts";
import { compareRestored, factsOf, sizeOf } from "./compare-restored.ts";
import { roomFor, saysFull, withRoom } from "./drill-room.ts";
import { evaluateAssertion, failedAssertion } from "./evaluate-assertion.ts";
import { type RunRecord, readRecord } from "./facts-file.ts";
import { JobFailure, type JobResult } from "./job.ts";
import { dumpOf, type PinnedRun, withRun } from "./pinned-run.ts";
import { restoredName, stampOf } from "./restored-names.ts";
import { secondsBetween } from "./seconds.ts";
import { stopIfTold } from "./stop-if-told.ts";
import { tidyProduction } from "./tidy-production.ts";

/**
 * Proves a backup: restores every database of a run into a throwaway server, compares each with what was recorded, asks
 * the policy's assertions, and measures how long it took until the databases were usable. Production is not connected
 * to (but for what a killed restore left there, if one did).
 * @param selector `latest`, a timestamp, or the start of a snapshot's id
 * @throws JobFailure `drill.failed` with all that was found, `drill.other-server`; other Failures, such as
 * `drill.no-room`, where the drill could not be held.
 */
export async function drillDatabase(
  target: DatabaseTarget,
  selector: string,
  context: AgentContext,
): Promise<JobResult> {
  const began = context.clock.now();
  await tidyProduction(target, context);
  return await withRun(target, selector, context, (pinned) => drillRun(target, pinned, began, context));
}

async function drillRun(
  target: DatabaseTarget,
  pinned: PinnedRun,
  began: Date,
  context: AgentContext,
): Promise<JobResult> {
  const record = await readRecord(pinned.repository, pinned.run);
  // Any name will do for a drill.
  const gemsName = applicationDatabase(target, context) ?? pinned.run.snapshots[0]?.database ?? null;
  const dumps = dumpsOf(pinned.run, target, gemsName, context);
  // A killed drill's copy would be in the way of every one after it.
  await engineOf(target).tidyThrowaways?.(context);
  const room = await roomFor(record, dumps, context);
  const of: Details = {
    run: pinned.run.id,
    newest: pinned.newest,
    run_time: pinned.run.time.toISOString(),
    made_by: pinned.run.madeBy,
    repository: pinned.repository.name,
  };
  return await withRoom(room, of, context, (guarded) =>
    drillDumps({ target, pinned, record, dumps, began, of }, guarded),
  );
}

interface Drill {
  readonly target: DatabaseTarget;
  readonly pinned: PinnedRun;
  readonly record: RunRecord | null;
  readonly dumps: ReadonlyMap<string, Snapshot>;
  readonly began: Date;
  /** What is known of the run: the beginning of the details. */
  readonly of: Details;
}

async function drillDumps(
  { target, pinned, record, dumps, began, of }: Drill,
  context: AgentContext,
): Promise<JobResult> {
  context.progress({ phase: "starting a throwaway server" });
  const server = await engineOf(target).startThrowaway(target, context);
  try {
    const said: Details = { ...of, server_version: server.version, stand_in: server.standIn ?? null };
    if (record !== null && record.globals !== null) {
      context.progress({ phase: "restoring roles" });
      await server.restoreGlobals(record.globals);
    }
    const names = new Map<string, { readonly into: string; readonly notes: readonly string[] }>();
    for (const [database, snapshot] of dumps) {
      stopIfTold(context);
      // A server comes with databases of its own, and one of ours may be called as they are.
      const taken = await server.databases();
      const into = taken.includes(database)
        ? restoredName(database, stampOf(pinned.run.time), taken)
        : database;
      context.progress({ phase: `restoring ${database}` });
      const needed = sizeOf(record, database, snapshot) ?? 0;
      const hasRoom = async (): Promise<boolean> => fits(needed, await diskOf(context.scratchDirectory));
      const options = { hasRoom, recorded: record === null ? null : factsOf(record, database) };
      const dump = dumpOf(pinned, snapshot);
      const notes = await server.restore(dump, into, database, options).catch((error: unknown) => {
        throw saysFull(error) ? error : failedRestore(error, database, said, context);
      });
      names.set(database, { into, notes });
    }
    const seconds = secondsBetween(began, context.clock.now());
    const databases: DrilledDatabase[] = [];
    for (const [database, { into, notes }] of names) {
      context.progress({ phase: `comparing ${database}` });
      const comparison = compareRestored(record, database, await server.facts(into));
      databases.push({ database, ...comparison, notes: [...notes, ...comparison.notes] });
    }
    const assertions = await askAll(target, server, names, context);
    const { rto_seconds } = target.objectives;
    const details = { ...said, databases, assertions, seconds, rto_seconds };
    const faults = faultsOf(databases, assertions, seconds, rto_seconds);
    if (faults.length === 0) return { outcome: "success", details };
    throw new JobFailure("drill.failed", `the backup of run ${pinned.run.id} did not pass`, {
      detail: faults.join("\n"),
      details: { ...details, faults },
    });
  } finally {
    await server.stop();
  }
}

interface DrilledDatabase extends Comparison {
  readonly database: string;
}

/** Everything that speaks against the backup, in words. No tables at all would pass every comparison. */
export function faultsOf(
  databases: readonly DrilledDatabase[],
  assertions: readonly AssertionResult[],
  seconds: number,
  rtoSeconds: number | null,
): string[] {
  return [
    ...(databases.some(({ tables }) => tables > 0) ? [] : ["the backup has no tables"]),
    ...databases.flatMap(({ database, differences }) => differences.map((one) => `${database}: ${one}`)),
    ...assertions
      .filter(({ passed }) => !passed)
      .map(({ name, got, wanted }) => `assertion "${name}": got ${JSON.stringify(got)}, wanted ${wanted}`),
    ...(rtoSeconds !== null && seconds > rtoSeconds
      ? [`it took ${seconds} s until the databases were usable, and the objective is ${rtoSeconds} s`]
      : []),
  ];
}

async function askAll(
  target: DatabaseTarget,
  server: Throwaway,
  names: ReadonlyMap<string, { readonly into: string }>,
  context: AgentContext,
): Promise<AssertionResult[]> {
  const results: AssertionResult[] = [];
  for (const assertion of target.drill?.assertions ?? []) {
    stopIfTold(context);
    context.progress({ phase: `asserting: ${assertion.name}` });
    try {
      const application = applicationDatabase(target, context);
      const database = chooseDatabase([...names.keys()], assertion.database, application);
      const got = await server.ask(names.get(database)?.into ?? database, assertion.sql);
      results.push(evaluateAssertion(assertion, got));
    } catch (error) {
      if (!(error instanceof Failure) || context.signal.aborted) throw error;
      results.push(failedAssertion(assertion, [error.message, error.detail ?? ""].join("\n").trim()));
    }
  }
  return results;
}

/** That a backup cannot be restored is a drill's finding, not an accident on its way. */
function failedRestore(
  error: unknown,
  database: string,
  details: Details,
  { signal }: AgentContext,
): unknown {
  if (signal.aborted) return new Failure("agent.interrupted", "stopped while restoring", { cause: error });
  if (!(error instanceof Failure)) return error;
  if (error.code !== "restore.failed" && error.code !== "drill.other-server") return error;
  return new JobFailure(
    error.code === "restore.failed" ? "drill.failed" : error.code,
    `${database} could not be restored`,
    {
      detail: [error.message, error.detail ?? ""].join("\n").trim(),
      details: { ...details, faults: [`${database}: ${error.message}`] },
      cause: error,
    },
  );
}
