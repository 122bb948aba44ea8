import { Failure } from "../../errors.ts";
import type { AgentTarget } from "../../model/agent-policy.ts";
import type { AgentContext } from "../context.ts";
import { repositoryOf } from "../repository/of-policy.ts";
import { openRepository } from "../repository/open.ts";
import { doubtsOf } from "../repository/doubts.ts";
import { groupRuns } from "../repository/runs.ts";
import type { Run, Snapshot } from "../repository/snapshot.ts";
import { planRetention } from "../retention/plan.ts";
import { secondsBetween } from "./seconds.ts";

/** A run as `list` shows it, and prints it as JSON. */
export interface ListedRun {
  readonly target: string;
  readonly repository: string;
  /** What `restore` takes: the run's tag, or the id of the gem's snapshot. */
  readonly run: string;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly age_seconds: number;
  readonly made_by: Run["madeBy"];
  readonly host: string;
  /** One that is not is never restored unless its snapshot is named. */
  readonly complete: boolean;
  /** In the order of their names; the run's record is not among them. */
  readonly contents: readonly ListedSnapshot[];
  /** The rules of the retention that keep it; null: everything is kept, or the run is not complete. */
  readonly kept_by: readonly string[] | null;
}

export interface ListedSnapshot {
  readonly snapshot: string;
  /** Null: of files. */
  readonly database: string | null;
  /** Labels of files. */
  readonly paths: readonly string[];
  /** Of the source; null where restic does not say. */
  readonly bytes: number | null;
}

/** A repository that could not be listed, and whose runs are therefore not known. */
export interface Unlisted {
  readonly repository: string;
  readonly targets: readonly string[];
  readonly failure: Failure;
}

/**
 * What could be listed, in the order of the targets and newest first of each, and what could not. Each repository is asked
 * once, all beside one another.
 */
export async function listRuns(
  targets: readonly AgentTarget[],
  context: AgentContext,
): Promise<{ readonly runs: readonly ListedRun[]; readonly unlisted: readonly Unlisted[] }> {
  const groups = [...Map.groupBy(targets, ({ backup }) => backup.repository)];
  context.progress({ phase: `listing ${groups.map(([repository]) => repository).join(", ")}` });
  const answers = await Promise.all(
    groups.map(async ([repository, sharing]): Promise<readonly ListedRun[] | Unlisted> => {
      try {
        return await runsIn(repository, sharing, context);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        return { repository, targets: sharing.map(({ name }) => name), failure: error };
      }
    }),
  );
  const runs = answers.flatMap((answer) => ("failure" in answer ? [] : answer));
  return {
    runs: targets.flatMap(({ name }) => runs.filter(({ target }) => target === name)),
    unlisted: answers.filter((answer) => "failure" in answer),
  };
}

/** Failure `repository.*` */
async function runsIn(
  repository: string,
  targets: readonly AgentTarget[],
  context: AgentContext,
): Promise<readonly ListedRun[]> {
  const spec = repositoryOf(context.policy, repository);
  const snapshots = await openRepository(spec, context).snapshots();
  return targets.flatMap((target) => runsOf(target, snapshots, context));
}

function runsOf(
  target: AgentTarget,
  snapshots: readonly Snapshot[],
  { policy, clock, log }: AgentContext,
): readonly ListedRun[] {
  const runs = groupRuns(snapshots, target);
  const now = clock.now();
  const { retention: rules, repository } = target.backup;
  const reasons = rules === null ? null : planRetention(runs, rules, policy, now).reasons;
  for (const doubt of doubtsOf(runs, policy.host, now)) log(`${target.name}: ${doubt}`);
  return runs.map((run) => ({
    target: target.name,
    repository,
    run: run.id,
    time: run.time.toISOString(),
    age_seconds: secondsBetween(run.time, now),
    made_by: run.madeBy,
    host: run.host,
    complete: run.complete,
    contents: contentsOf(run),
    kept_by: run.complete && reasons !== null ? (reasons.get(run) ?? []) : null,
  }));
}

function contentsOf({ snapshots }: Run): readonly ListedSnapshot[] {
  return snapshots
    .filter(({ type }) => type !== "globals")
    .map(({ id, database, labels, sizeBytes }) => ({
      snapshot: id,
      database,
      paths: labels,
      bytes: sizeBytes,
    }))
    .sort((a, b) => ((a.database ?? "") < (b.database ?? "") ? -1 : 1));
}
