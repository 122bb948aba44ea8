import type { AgentTarget } from "../../model/agent-policy.ts";
import type { AgentContext } from "../context.ts";
import type { Producer } from "../engines/engine.ts";
import { openRepository } from "../repository/open.ts";
import type { Repository } from "../repository/repository.ts";
import { doubtsOf } from "../repository/doubts.ts";
import { pin } from "../repository/pins.ts";
import { groupRuns, newestOf, resolveRun } from "../repository/runs.ts";
import type { Run, Snapshot } from "../repository/snapshot.ts";
import { repositoryOf } from "../repository/of-policy.ts";

/** A run that was chosen once: everything after goes by the ids of its snapshots, which retention leaves alone. */
export interface PinnedRun {
  readonly repository: Repository;
  readonly run: Run;
  /** There is no newer complete one. */
  readonly newest: boolean;
}

/**
 * Chooses a run of a target, and works with it.
 * @param selector `latest`, a timestamp (the newest complete run at or before), a run's id, or how a snapshot's id begins
 * @throws Failure `repository.*`, also where there is no such run; and what the work throws
 */
export async function withRun<T>(
  target: AgentTarget,
  selector: string,
  context: AgentContext,
  work: (pinned: PinnedRun) => Promise<T>,
): Promise<T> {
  const spec = repositoryOf(context.policy, target.backup.repository);
  const repository = openRepository(spec, context);
  context.progress({ phase: `opening repository ${spec.name}` });
  const runs = groupRuns(await repository.snapshots(), target);
  const now = context.clock.now();
  for (const doubt of doubtsOf(runs, context.policy.host, now)) context.log(doubt);
  const run = resolveRun(runs, selector, context.policy.timezone, now);
  const newest = run === newestOf(runs, now);
  const release = pin(
    run.snapshots.map(({ id }) => id),
    context,
  );
  try {
    return await work({ repository, run, newest });
  } finally {
    release();
  }
}

/** A program that writes a snapshot's only file, the dump, to its stdout. */
export function dumpOf({ repository }: PinnedRun, snapshot: Snapshot): Producer {
  return repository.dumpProducer(snapshot.id, snapshot.paths[0] ?? "/");
}
