import type { AgentPolicy } from "../../model/agent-policy.ts";
import { entriesBackwards } from "../ledger/read.ts";
import { keyOf, scheduledJobs } from "../schedule/jobs.ts";
import { readMarks } from "../schedule/marks.ts";
import { schedulingSince } from "../scheduler/presence.ts";
import { dueAfter, standsFor } from "./due.ts";
import { histories } from "./history.ts";

export interface Health {
  readonly healthy: boolean;
  /** In one line. */
  readonly why: string;
}

/**
 * Whether backups are fresh and more will come: the scheduler runs, and none of them is overdue. A backup that never
 * had a slot is not. Reads the state directory only.
 */
export function healthOf(policy: AgentPolicy, stateDirectory: string, now: Date): Health {
  if (schedulingSince(stateDirectory) === null) return { healthy: false, why: "the scheduler does not run" };
  const backups = scheduledJobs(policy).filter(({ job }) => job === "backup");
  const marks = readMarks(stateDirectory);
  const found = histories(backups, entriesBackwards(stateDirectory));
  const overdue = backups.flatMap((job, index) => {
    const { lastGood = null, lastSuccess = null, last = null } = found[index] ?? {};
    const due = dueAfter(job, standsFor(lastGood, marks[keyOf(job)], now));
    if (due === null || due >= now) return [];
    const newest = lastSuccess === null ? "there is none" : `the newest is of ${lastSuccess.finished_at}`;
    const ended = last?.error == null ? "" : `, and the last run failed (${last.error.code})`;
    return `the backup of ${job.subject} was due at ${due.toISOString()}: ${newest}${ended}`;
  });
  if (overdue.length > 0) return { healthy: false, why: overdue.join("; ") };
  return {
    healthy: true,
    why: backups.length === 0 ? "nothing is backed up on schedule" : "all backups are fresh",
  };
}
