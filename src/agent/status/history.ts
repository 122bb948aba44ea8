import type { LedgerEntry } from "../../model/ledger.ts";
import type { ScheduledJob } from "../schedule/jobs.ts";

/** The newest entries of a job. */
export interface History {
  readonly last: LedgerEntry | null;
  readonly lastSuccess: LedgerEntry | null;
  /** The newest that left nothing to be done: a success, or skipped because there was nothing. */
  readonly lastGood: LedgerEntry | null;
}

/** What a ledger, read from its newest entry back, says of each job; in the order of the jobs. */
export function histories(
  jobs: readonly ScheduledJob[],
  backwards: Iterable<LedgerEntry>,
): readonly History[] {
  const found = jobs.map((): { -readonly [Key in keyof History]: History[Key] } => ({
    last: null,
    lastSuccess: null,
    lastGood: null,
  }));
  const open = new Set(jobs.keys());
  for (const entry of backwards) {
    for (const index of open) {
      const job = jobs[index];
      const history = found[index];
      if (job === undefined || history === undefined || !isOf(entry, job)) continue;
      history.last ??= entry;
      if (entry.outcome === "success") history.lastSuccess ??= entry;
      if (entry.outcome === "success" || entry.outcome === "skipped") history.lastGood ??= entry;
      if (history.lastSuccess !== null) open.delete(index);
    }
    if (open.size === 0) break;
  }
  return found;
}

/** Whether an entry, or what runs, is of that job. */
export function isOf(
  entry: Pick<LedgerEntry, "job" | "target" | "repository">,
  { job, subject, target }: Pick<ScheduledJob, "job" | "subject" | "target">,
): boolean {
  return entry.job === job && (target === null ? entry.repository : entry.target) === subject;
}
