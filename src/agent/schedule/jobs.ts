import type { AgentPolicy, AgentTarget, JobKind } from "../../model/agent-policy.ts";
import { slotsOf } from "./slots.ts";
import type { Slots } from "./slots.ts";

/** Something that an agent does on schedule. */
export interface ScheduledJob {
  readonly job: JobKind;
  /** The target's name; for check and prune the repository's. */
  readonly subject: string;
  /** Null for check and prune. */
  readonly target: AgentTarget | null;
  /** Name of the repository that it works on. */
  readonly repository: string;
  /** As the policy writes it. */
  readonly schedule: string;
  readonly slots: Slots;
  readonly jitterSeconds: number;
  /** Of a check: the part of the data that is read. */
  readonly readData: string | null;
}

/**
 * Everything on schedule, in the policy's order: backups, drills, checks, prunes. Targets that share a repository, a
 * schedule and what is read share the check or prune.
 */
export function scheduledJobs(policy: AgentPolicy): readonly ScheduledJob[] {
  const make = (job: JobKind, target: AgentTarget, schedule: string, more: Partial<ScheduledJob>) => ({
    job,
    subject: target.name,
    target,
    repository: target.backup.repository,
    schedule,
    slots: slotsOf(schedule, policy.timezone),
    jitterSeconds: 0,
    readData: null,
    ...more,
  });
  const ofRepository = (target: AgentTarget) => ({ target: null, subject: target.backup.repository });
  const { targets } = policy;
  return [
    ...targets.map((target) =>
      make("backup", target, target.backup.schedule, { jitterSeconds: target.backup.jitter_seconds }),
    ),
    ...targets.flatMap((target) =>
      target.type === "files" || target.drill === null
        ? []
        : make("drill", target, target.drill.schedule, {}),
    ),
    ...distinct(
      targets.flatMap((target) => {
        const { check } = target.backup;
        if (check === null) return [];
        return make("check", target, check.schedule, { ...ofRepository(target), readData: check.read_data });
      }),
    ),
    ...distinct(
      targets.flatMap((target) => {
        const { prune } = target.backup;
        return prune === null ? [] : make("prune", target, prune.schedule, ofRepository(target));
      }),
    ),
  ];
}

/** Names a job in the state: the same over restarts, another one for another schedule of a repository. */
export function keyOf({ job, subject, target, schedule, readData }: ScheduledJob): string {
  return [
    job,
    subject,
    ...(target === null ? [schedule, ...(readData === null ? [] : [readData])] : []),
  ].join(" ");
}

function distinct(jobs: readonly ScheduledJob[]): readonly ScheduledJob[] {
  return [...new Map(jobs.map((job) => [keyOf(job), job])).values()];
}
