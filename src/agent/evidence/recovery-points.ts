import type { LedgerEntry } from "../../model/ledger.ts";
import type { ScheduledJob } from "../schedule/jobs.ts";
import type { Mark } from "../schedule/marks.ts";
import { dueAfter } from "../status/due.ts";

export interface Window {
  readonly since: Date;
  readonly until: Date;
}

/** A stretch of the schedule without a success. */
export interface Gap {
  /** The first slot that was missed. */
  readonly from: string;
  /** When the next success began; null: there is none yet. */
  readonly until: string | null;
}

/** How far apart the states are that can be gone back to. */
export interface Rpo {
  readonly objective_seconds: number | null;
  /** The longest time of the window without a new one, up to now; null: there never was one. */
  readonly achieved_seconds: number | null;
  /** Null where there is no objective. */
  readonly met: boolean | null;
  /** Run of the newest success, where the repository does not have all of it any more; else null. */
  readonly missing_run: string | null;
}

/**
 * Stretches of slots in the window that no success stands for. Judged by the schedule of now, and so only since it is
 * in force. A newest slot whose run may still end in time is none.
 * @param successes oldest first
 */
export function gapsOf(
  job: ScheduledJob,
  mark: Mark | undefined,
  successes: readonly LedgerEntry[],
  { since, until }: Window,
): readonly Gap[] {
  const inForce = mark === undefined ? (successes[0]?.started_at ?? until.toISOString()) : mark.since;
  const gaps: Gap[] = [];
  let stood = new Date(Math.max(since.getTime(), Date.parse(inForce)));
  for (const success of successes) {
    const time = new Date(success.trigger.by === "schedule" ? success.trigger.slot : success.started_at);
    if (time <= stood) continue;
    const missed = job.slots.after(stood);
    if (missed !== null && missed < time)
      gaps.push({ from: missed.toISOString(), until: success.started_at });
    stood = time;
  }
  const due = dueAfter(job, stood);
  if (due !== null && due < until) {
    gaps.push({ from: job.slots.after(stood)?.toISOString() ?? due.toISOString(), until: null });
  }
  return gaps;
}

/**
 * Of the newest successes those that the repository has no more are no recovery points. Older ones count whether it has
 * them or not: retention forgets them.
 * @param successes oldest first; a success restores what was there when it began
 * @param held ids of the snapshots of complete runs; null: not known
 */
export function rpoOf(
  successes: readonly LedgerEntry[],
  { since, until }: Window,
  objective: number | null,
  held: ReadonlySet<string> | null,
): Rpo {
  const isHeld = (success: LedgerEntry): boolean =>
    held === null || snapshotsIn(success.details).every((id) => held.has(id));
  const newest = successes.at(-1);
  const missing = newest === undefined || isHeld(newest) ? null : String(newest.details["run"]);
  const points = successes
    .slice(0, successes.findLastIndex(isHeld) + 1)
    .map(({ started_at }) => Date.parse(started_at));
  const before = points.findLast((point) => point < since.getTime());
  const counted = [
    ...(before === undefined ? [] : [before]),
    ...points.filter((point) => point >= since.getTime()),
  ];
  const gaps = counted.map((point, index) => (counted[index + 1] ?? until.getTime()) - point);
  const achieved =
    gaps.length === 0 ? null : Math.round(gaps.reduce((most, gap) => Math.max(most, gap)) / 1000);
  const met = objective === null ? null : missing === null && achieved !== null && achieved <= objective;
  return { objective_seconds: objective, achieved_seconds: achieved, met, missing_run: missing };
}

/** What a backup stored: of each database, or of the files, and its record. */
function snapshotsIn(details: LedgerEntry["details"]): readonly string[] {
  const databases = Array.isArray(details["databases"]) ? details["databases"] : [];
  const all = [...databases.map((one) => one["snapshot"]), details["snapshot"], details["record_snapshot"]];
  return all.filter((id) => typeof id === "string");
}
