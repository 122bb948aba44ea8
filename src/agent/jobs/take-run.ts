import { Failure } from "../../errors.ts";
import type { AgentTarget } from "../../model/agent-policy.ts";
import type { Details } from "../../model/ledger.ts";
import type { AgentContext } from "../context.ts";
import { openRepository } from "../repository/open.ts";
import type { Repository } from "../repository/repository.ts";
import { doubtsOf } from "../repository/doubts.ts";
import { groupRuns, isAhead, newestOf } from "../repository/runs.ts";
import type { Run } from "../repository/snapshot.ts";
import { slotsOf } from "../schedule/slots.ts";
import type { JobResult } from "./job.ts";
import type { Refusal } from "./refusals.ts";
import { repositoryOf } from "../repository/of-policy.ts";
import { applyRetention } from "./retention.ts";
import { noting, orForgetRun, type Written } from "./run-cleanup.ts";
import { newRunTag, type RunIdentity } from "./run-tags.ts";

export interface BackupOptions {
  /** Also where the newest run is current. Runs on schedule are always taken. */
  readonly force: boolean;
  /** Takes and keeps what `backup.empty` and `backup.shrunk` refuse. */
  readonly acceptSmaller: boolean;
}

/** What a backup works with. */
export interface RunWork {
  readonly repository: Repository;
  readonly identity: RunIdentity;
  /** The newest complete run of ours before this one: the gem's say neither databases nor labels as ours do. */
  readonly previous: Run | null;
  /** How much is likely to come, for the progress of what is stored next and says no total itself. */
  expect(bytes: number): void;
  /** Whatever is stored is stored in here: it is forgotten again where this fails. */
  store<T>(work: () => Promise<T>): Promise<T>;
}

/** What a backup found out, for the ledger. */
export interface Taken {
  readonly details: Details;
  /** In words: what somebody has to look at. */
  readonly warnings: readonly string[];
  /** In words: what may well be meant, and is told once. */
  readonly notices: readonly string[];
}

/**
 * The frame of every backup: the repository opens; nothing is done where the newest run is current; then the run; and
 * retention once all of it succeeded. What retention cannot do is a warning: the backup is there.
 */
export async function takeRun(
  target: AgentTarget,
  options: BackupOptions,
  context: AgentContext,
  take: (work: RunWork) => Promise<Taken>,
): Promise<JobResult> {
  const spec = repositoryOf(context.policy, target.backup.repository);
  let expected: number | null = null;
  const expect = (bytes: number): void => {
    expected = bytes;
  };
  const written: Written = { ids: [], paths: [] };
  const opened = openRepository(spec, {
    ...context,
    progress: (progress) => context.progress({ ...progress, totalBytes: progress.totalBytes ?? expected }),
  });
  const repository = noting(opened, written);
  context.progress({ phase: `opening repository ${spec.name}` });
  const snapshots = await repository.snapshots();
  const runs = groupRuns(snapshots, target);
  const { host, timezone } = context.policy;
  const now = context.clock.now();
  const doubts = doubtsOf(runs, host, now);
  for (const doubt of doubts) context.log(doubt);
  const ours = newestOf(
    runs.filter(({ madeBy }) => madeBy === "kamal-backup"),
    now,
  );
  // What another host backed up is not what is here.
  const here = runs.filter((run) => !isAhead(run, now) && (run.madeBy === "gem" || run.host === host));
  const newest = newestOf(here, now);
  if (!options.force && newest !== null && isCurrent(newest, target, timezone, now)) {
    const until = slotsOf(target.backup.schedule, timezone).after(now)?.toISOString();
    const reason = `current${until === undefined ? "" : ` until ${until}`}; --force takes one now`;
    const details = { reason, run: newest.id, repository: spec.name, time: newest.time.toISOString() };
    return { outcome: "skipped", details };
  }
  const run = newRunTag(
    now,
    snapshots.flatMap((snapshot) => snapshot.run ?? []),
  );
  const identity = { app: context.policy.app, target, run };
  const store = <T>(work: () => Promise<T>): Promise<T> =>
    orForgetRun(identity, written, spec, context, work);
  const { details, warnings, notices } = await take({ repository, identity, previous: ours, expect, store });
  const retention = await retain(target, runs, { run, repository: opened }, context);
  return {
    outcome: "success",
    details: {
      run,
      repository: spec.name,
      ...details,
      ...retention.details,
      warnings: [...doubts, ...warnings, ...retention.warnings],
      notices,
    },
  };
}

/** The run began at or after the newest slot of the schedule: the next one is not yet due. */
export function isCurrent(run: Run, target: AgentTarget, zone: string, now: Date): boolean {
  const slot = slotsOf(target.backup.schedule, zone).atOrBefore(now);
  const tag = Date.parse(run.id);
  const began = run.madeBy === "gem" || Number.isNaN(tag) ? run.time.getTime() : tag;
  return slot === null || began >= slot.getTime();
}

/**
 * @param runs those before this one
 * @param taken this one
 */
async function retain(
  target: AgentTarget,
  runs: readonly Run[],
  taken: { readonly run: string; readonly repository: Repository },
  context: AgentContext,
): Promise<Omit<Taken, "notices">> {
  if (target.backup.retention === null && runs.every(({ complete }) => complete))
    return { details: {}, warnings: [] };
  try {
    context.progress({ phase: "applying retention" });
    const { details } = await applyRetention(target, taken.run, taken.repository, context);
    return { details: { retention: details }, warnings: [] };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const warning = `retention could not be applied: ${error.message}`;
    context.log(warning);
    return {
      details: { retention: { error: { code: error.code, message: error.message } } },
      warnings: [warning],
    };
  }
}

/** Failure where there is a reason to refuse and nobody overrode it. */
export function unlessAccepted(
  refusal: Refusal | null,
  { acceptSmaller }: BackupOptions,
  context: AgentContext,
): void {
  if (refusal === null) return;
  if (!acceptSmaller) throw new Failure(refusal.code, refusal.what);
  context.log(`${refusal.what}: accepted`);
}
