import type { AgentTarget } from "../../model/agent-policy.ts";
import type { AgentContext } from "../context.ts";
import { repositoryOf } from "../repository/of-policy.ts";
import { openRepository } from "../repository/open.ts";
import { doubtsOf } from "../repository/doubts.ts";
import { groupRuns } from "../repository/runs.ts";
import type { Run } from "../repository/snapshot.ts";
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

/** The runs of a target in its repository, newest first. Failure `repository.*` */
export async function listRuns(target: AgentTarget, context: AgentContext): Promise<readonly ListedRun[]> {
  const spec = repositoryOf(context.policy, target.backup.repository);
  context.progress({ phase: `listing ${target.name}` });
  const snapshots = await openRepository(spec, context).snapshots();
  const runs = groupRuns(snapshots, target);
  const now = context.clock.now();
  const rules = target.backup.retention;
  const { policy } = context;
  const reasons = rules === null ? null : planRetention(runs, rules, policy, now).reasons;
  for (const doubt of doubtsOf(runs, policy.host, now)) context.log(`${target.name}: ${doubt}`);
  return runs.map((run) => ({
    target: target.name,
    repository: spec.name,
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
