import { readFileSync } from "node:fs";
import { join } from "node:path";
import { writeWhole } from "../write-whole.ts";
import { startOf } from "./jitter.ts";
import { keyOf } from "./jobs.ts";
import type { ScheduledJob } from "./jobs.ts";

/** How far a job on schedule has come: what must survive a restart. */
export interface Mark {
  /** As the policy writes it; a mark of another schedule says nothing of this one. */
  readonly schedule: string;
  /** When this schedule was first seen here: slots before that are none of its own. */
  readonly since: string;
  /** The newest one that a run was started for. */
  readonly slot: string | null;
  /** How often. */
  readonly attempts: number;
  /** Whether that run came to its end, good or bad; an interrupted one did not. */
  readonly ended: boolean;
}

/** By `keyOf` the job. */
export type Marks = Readonly<Record<string, Mark>>;

/** Empty before the first start, or where the file cannot be read: then all begins anew. */
export function readMarks(stateDirectory: string): Marks {
  try {
    return JSON.parse(readFileSync(pathOf(stateDirectory), "utf8")) as Marks;
  } catch {
    return {};
  }
}

export function writeMarks(stateDirectory: string, marks: Marks): void {
  writeWhole(pathOf(stateDirectory), `${JSON.stringify(marks, null, 2)}\n`);
}

function pathOf(stateDirectory: string): string {
  return join(stateDirectory, "schedule.json");
}

/**
 * The marks of these jobs: a job that is new, or whose schedule is, begins now, so nothing runs merely because the
 * agent started. A mark of the future is from a clock that was set back: it stands while the slots up to it have
 * been run already, but where it would stall the job for longer than that, the job begins anew.
 */
export function adopt(marks: Marks, jobs: readonly ScheduledJob[], now: Date): Marks {
  return Object.fromEntries(
    jobs.map((job) => {
      const mark = marks[keyOf(job)];
      const usable = mark !== undefined && mark.schedule === job.schedule && !stalls(job, mark, now);
      return [keyOf(job), usable ? mark : beginning(job, now)];
    }),
  );
}

function beginning({ schedule }: ScheduledJob, now: Date): Mark {
  return { schedule, since: now.toISOString(), slot: null, attempts: 0, ended: true };
}

function stalls({ slots }: ScheduledJob, mark: Mark, now: Date): boolean {
  const baseline = baselineOf(mark);
  const next = baseline > now ? slots.after(now) : null;
  return next !== null && next < baseline;
}

function baselineOf({ since, slot }: Mark): Date {
  return new Date(slot ?? since);
}

/** The run that is due, or when the next one will be. */
export type Due = { readonly slot: Date } | { readonly slot: null; readonly startsAt: Date | null };

/** How often a run is tried whose agent dies under it: more might be what kills it. */
const ATTEMPTS = 2;

/** Whether a run is due. All slots that were missed are one run, for the newest of them. */
export function dueNow(job: ScheduledJob, mark: Mark, app: string, now: Date): Due {
  if (mark.slot !== null && !mark.ended && mark.attempts < ATTEMPTS) {
    const died = new Date(mark.slot);
    const newest = job.slots.atOrBefore(now);
    return { slot: newest !== null && newest > died ? newest : died };
  }
  const next = job.slots.after(baselineOf(mark));
  if (next === null) return { slot: null, startsAt: null };
  const startsAt = startOf(next, app, job.subject, job.jitterSeconds);
  return startsAt > now ? { slot: null, startsAt } : { slot: job.slots.atOrBefore(now) ?? next };
}

/** The mark once a run for the slot begins. */
export function begun(mark: Mark, slot: Date): Mark {
  const iso = slot.toISOString();
  return { ...mark, slot: iso, attempts: mark.slot === iso ? mark.attempts + 1 : 1, ended: false };
}
