import type { ScheduledJob } from "../schedule/jobs.ts";

/**
 * Whether one has to wait for the other. One run a target at a time; a check or a prune has its repository for itself;
 * drills run one after another, as each needs the room and the memory of a database server.
 */
export function conflict(a: ScheduledJob, b: ScheduledJob): boolean {
  if (a.target !== null && a.target.name === b.target?.name) return true;
  if (a.job === "drill" || b.job === "drill") return a.job === b.job;
  return a.repository === b.repository && (a.target === null || b.target === null);
}
