import type { LedgerEntry } from "../../model/ledger.ts";
import type { ScheduledJob } from "../schedule/jobs.ts";

/** The newest entries of a job. */
export interface History {
  /** Not one that was skipped: it tried nothing, and clears no failure. */
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
      if (job === undefined || history === undefined || !isOf(entry, job) || !tellsOf(entry, job, jobs))
        continue;
      if (entry.outcome !== "skipped") history.last ??= entry;
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

/**
 * Whether an entry of a job's kind says how that job stands. Drills on schedule are of the newest backup: that an older
 * one passed neither clears nor renews what is known of it. A check that passed stands for one that reads no more; one
 * that failed, and reads what no job reads since the policy was edited, for every check of its repository.
 */
function tellsOf(entry: LedgerEntry, job: ScheduledJob, jobs: readonly ScheduledJob[]): boolean {
  const { outcome, details, trigger } = entry;
  if (entry.job === "drill") return outcome !== "success" || details["newest"] !== false;
  if (entry.job !== "check") return true;
  const read = readDataOf(entry);
  if (read === job.readData) return true;
  if (outcome === "success") return percentOf(read ?? null) > percentOf(job.readData);
  if (read !== undefined) return !jobs.some((other) => isOf(entry, other) && other.readData === read);
  // It died before it could say what it was to read.
  return (
    trigger.by === "hand" || job.slots.atOrBefore(new Date(trigger.slot))?.toISOString() === trigger.slot
  );
}

/** Of a check: the part of the data that it read (`5%`), null where it read none; undefined: it did not come so far. */
export function readDataOf({ details }: Pick<LedgerEntry, "details">): string | null | undefined {
  const read = details["read_data"];
  return typeof read === "string" || read === null ? read : undefined;
}

function percentOf(readData: string | null): number {
  return readData === null ? 0 : Number.parseInt(readData, 10);
}
