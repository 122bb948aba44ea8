import type { LedgerEntry } from "../../model/ledger.ts";
import type { ScheduledJob } from "../schedule/jobs.ts";
import type { Mark } from "../schedule/marks.ts";

const MINUTE = 60_000;
const LEAST_GRACE = 15 * MINUTE;
const MOST_GRACE = 360 * MINUTE;

/**
 * Until when a good run at that time is current: the slot after it, and a grace that gives the next run time to end:
 * the jitter, and half of the time between two slots, from 15 minutes to 6 hours. Null where no slot follows.
 */
export function dueAfter({ slots, jitterSeconds }: ScheduledJob, time: Date): Date | null {
  const slot = slots.after(time);
  if (slot === null) return null;
  const half = ((slots.after(slot)?.getTime() ?? Number.POSITIVE_INFINITY) - slot.getTime()) / 2;
  const grace = Math.min(Math.max(half, LEAST_GRACE), MOST_GRACE);
  return new Date(slot.getTime() + jitterSeconds * 1000 + grace);
}

/**
 * The time that a job's newest good run stands for: its slot, or when it was begun by hand. Not before the schedule
 * itself (a new one has missed nothing), and never in the future, where a clock that was set back would put it.
 */
export function standsFor(good: LedgerEntry | null, mark: Mark | undefined, now: Date): Date {
  const times = [mark?.since, good === null ? undefined : (slotOf(good) ?? good.started_at)];
  const known = times.flatMap((time) => (time === undefined ? [] : Date.parse(time)));
  return new Date(Math.min(known.length === 0 ? now.getTime() : Math.max(...known), now.getTime()));
}

function slotOf({ trigger }: LedgerEntry): string | undefined {
  return trigger.by === "schedule" ? trigger.slot : undefined;
}
