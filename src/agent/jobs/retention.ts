import type { AgentTarget } from "../../model/agent-policy.ts";
import type { AgentContext } from "../context.ts";
import { pinned } from "../repository/pins.ts";
import { fits, groupRuns } from "../repository/runs.ts";
import type { Repository } from "../repository/repository.ts";
import type { Run } from "../repository/snapshot.ts";
import { planRetention } from "../retention/plan.ts";
import type { JobResult } from "./job.ts";

/**
 * Forgets the runs of a target that its policy does not keep, and what runs that were refused or died have left, by the
 * ids of their snapshots. Called after a run that succeeded. Details: `kept`, `forgotten` (run, reason), `left` (the run just taken, what is being
 * restored just now, and what the gem made of another target as well).
 * @param taken id of the run that was just taken: it stays, also where the clock was set back in the meantime
 * @param repository the target's
 * @throws Failure `repository.*`
 */
export async function applyRetention(
  target: AgentTarget,
  taken: string,
  repository: Repository,
  context: AgentContext,
): Promise<JobResult> {
  const { policy, clock } = context;
  const runs = groupRuns(await repository.snapshots(), target);
  const plan = planRetention(runs, target.backup.retention, policy, clock.now());

  const inUse = pinned(context);
  const held = ({ id: run, snapshots }: Run): boolean =>
    run === taken || snapshots.some(({ id }) => inUse.has(id));
  const goes = plan.forgotten.filter(({ run }) => !held(run) && !isShared(run, target, context));
  await repository.forget(goes.flatMap(({ run }) => run.snapshots.map(({ id }) => id)));
  return {
    outcome: "success",
    details: {
      kept: runs.length - goes.length,
      forgotten: goes.map(({ run, reason }) => ({ run: run.id, reason })),
      left: plan.forgotten.filter(({ run }) => !goes.some((one) => one.run === run)).map(({ run }) => run.id),
    },
  };
}

/** A snapshot of the gem says no target: one that fits several is nobody's to forget. */
function isShared(run: Run, target: AgentTarget, context: AgentContext): boolean {
  if (run.madeBy !== "gem") return false;
  const others = context.policy.targets.filter((other) => other.name !== target.name);
  return run.snapshots.some((snapshot) => others.some((other) => fits(snapshot, other)));
}
