import { join } from "node:path";
import type { AgentPolicy } from "../../model/agent-policy.ts";
import type { AgentStatus, HalfRestored, JobStatus, RepositoryStatus } from "../../model/agent-status.ts";
import type { AgentContext } from "../context.ts";
import { madeDatabases } from "../jobs/made-databases.ts";
import { entriesBackwards } from "../ledger/read.ts";
import { keyOf, scheduledJobs } from "../schedule/jobs.ts";
import { dueNow, readMarks } from "../schedule/marks.ts";
import { schedulingSince } from "../scheduler/presence.ts";
import { runningNow } from "../target-lock/target-lock.ts";
import { writeWhole } from "../write-whole.ts";
import { dueAfter, standsFor } from "./due.ts";
import { histories, isOf } from "./history.ts";

/** Of whom a status is. */
export interface Identity {
  readonly version: string;
  readonly policy: AgentPolicy;
  /** SHA-256 of the policy's file. */
  readonly policyHash: string;
}

/** What the agent says of itself now, from its state directory. `repositories` as they were probed, or none. */
export function agentStatus(
  { version, policy, policyHash }: Identity,
  stateDirectory: string,
  now: Date,
  repositories: readonly RepositoryStatus[],
): AgentStatus {
  return {
    format_version: "1",
    kamal_backup_version: version,
    app: policy.app,
    host: policy.host,
    policy_hash: policyHash,
    at: now.toISOString(),
    scheduling_since: schedulingSince(stateDirectory),
    jobs: jobStatuses(policy, stateDirectory, now),
    half_restored: halfRestored(policy, stateDirectory),
    repositories,
  };
}

function jobStatuses(policy: AgentPolicy, stateDirectory: string, now: Date): readonly JobStatus[] {
  const jobs = scheduledJobs(policy);
  const marks = readMarks(stateDirectory);
  const running = runningNow(stateDirectory);
  const found = histories(jobs, entriesBackwards(stateDirectory));
  return jobs.map((job, index) => {
    const { last = null, lastSuccess = null, lastGood = null } = found[index] ?? {};
    const mark = marks[keyOf(job)];
    const due = mark === undefined ? null : dueNow(job, mark, policy.app, now);
    const next = due === null ? job.slots.after(now) : (due.slot ?? due.startsAt);
    return {
      job: job.job,
      subject: job.subject,
      schedule: job.schedule,
      running_since: running.find((run) => isOf(run, job))?.since ?? null,
      next_at: next?.toISOString() ?? null,
      last,
      last_success: lastSuccess,
      due_at:
        lastGood === null ? null : (dueAfter(job, standsFor(lastGood, mark, now))?.toISOString() ?? null),
    };
  });
}

/** What a running job of the target has in hand is none. */
function halfRestored({ targets }: AgentPolicy, stateDirectory: string): readonly HalfRestored[] {
  const running = runningNow(stateDirectory);
  return targets
    .filter(({ name, type }) => type !== "files" && !running.some(({ target }) => target === name))
    .flatMap((target) =>
      madeDatabases(target, { stateDirectory })
        .filter(({ stage }) => stage === "swapping")
        .map(({ of, at }) => ({ target: target.name, database: of, since: at })),
    );
}

/**
 * Writes the status where whoever reads the state directory finds it, without a word on the repositories. That it cannot
 * be written is logged and no reason to stop: its reader sees how old it is.
 */
export function saveStatus(
  identity: Identity,
  { stateDirectory, clock, log }: Pick<AgentContext, "stateDirectory" | "clock" | "log">,
): void {
  try {
    const status = agentStatus(identity, stateDirectory, clock.now(), []);
    writeWhole(join(stateDirectory, "status.json"), `${JSON.stringify(status, null, 2)}\n`);
  } catch (error) {
    log(`status.json cannot be written: ${(error as Error).message}`);
  }
}
