import type { Clock } from "../context.ts";
import { keyOf } from "../schedule/jobs.ts";
import type { ScheduledJob } from "../schedule/jobs.ts";
import { adopt, begun, dueNow } from "../schedule/marks.ts";
import type { Mark, Marks } from "../schedule/marks.ts";
import { conflict } from "./conflicts.ts";

/** How a run that the scheduler started came out. `busy`: somebody else holds its target, so it never began. */
export type RunEnd = "ended" | "interrupted" | "busy";

/** What a scheduler needs of the world. */
export interface SchedulerPorts {
  readonly clock: Clock;
  readonly app: string;
  readonly jobs: readonly ScheduledJob[];
  readMarks(): Marks;
  writeMarks(marks: Marks): void;
  /** Runs it to its end; never rejects. */
  run(job: ScheduledJob, slot: Date): Promise<RunEnd>;
  log(line: string): void;
  /** Nothing is started any more once it is aborted. */
  readonly stop: AbortSignal;
}

/** Milliseconds: so often it looks at the clock again, which may have been set. */
const LONGEST_SLEEP = 30_000;
/** After which a target that somebody else holds is tried again. */
const BUSY_PAUSE = 30_000;

/** Starts what is due until it is told to stop; then resolves once all that it started has ended. */
export async function schedule(ports: SchedulerPorts): Promise<void> {
  await new Loop(ports).run();
}

class Loop {
  readonly #ports: SchedulerPorts;
  #marks: Marks = {};
  readonly #running = new Map<ScheduledJob, Promise<void>>();
  /** Until when those are left alone that were found busy. */
  readonly #paused = new Map<ScheduledJob, Date>();
  /** Aborted when a run ends: another one may have waited for it. */
  #wake = new AbortController();

  constructor(ports: SchedulerPorts) {
    this.#ports = ports;
  }

  async run(): Promise<void> {
    const { clock, stop, jobs } = this.#ports;
    this.#marks = this.#ports.readMarks();
    while (!stop.aborted) {
      this.#wake = new AbortController();
      const now = clock.now();
      this.#settle(now);
      for (const job of jobs) this.#consider(job, now);
      await clock.sleep(this.#untilNext(now), AbortSignal.any([stop, this.#wake.signal]));
    }
    await Promise.all(this.#running.values());
  }

  #settle(now: Date): void {
    // What runs has a mark that is right, whatever the clock says.
    const running = Object.fromEntries([...this.#running.keys()].map((job) => [keyOf(job), this.#mark(job)]));
    const settled = { ...adopt(this.#marks, this.#ports.jobs, now), ...running };
    if (JSON.stringify(settled) !== JSON.stringify(this.#marks)) this.#write(settled);
  }

  #consider(job: ScheduledJob, now: Date): void {
    if (this.#isHeldBack(job, now)) return;
    const { slot } = dueNow(job, this.#mark(job), this.#ports.app, now);
    if (slot === null) return;
    const before = this.#mark(job);
    this.#set(job, begun(before, slot));
    const run = this.#ports.run(job, slot).then((end) => {
      if (end === "busy") {
        this.#set(job, before);
        this.#paused.set(job, new Date(this.#ports.clock.now().getTime() + BUSY_PAUSE));
      } else if (end === "ended") this.#set(job, { ...this.#mark(job), ended: true });
      this.#running.delete(job);
      this.#wake.abort();
    });
    this.#running.set(job, run);
  }

  #isHeldBack(job: ScheduledJob, now: Date): boolean {
    const pause = this.#paused.get(job)?.getTime();
    // A clock that was set back must not make the pause any longer.
    if (pause !== undefined && now.getTime() < pause && pause - now.getTime() <= BUSY_PAUSE) return true;
    this.#paused.delete(job);
    return [...this.#running.keys()].some((other) => other === job || conflict(job, other));
  }

  /** Milliseconds to the next start; at most those after which the clock is looked at again. */
  #untilNext(now: Date): number {
    const starts = this.#ports.jobs.flatMap((job) => {
      if (this.#isHeldBack(job, now)) return [];
      const due = dueNow(job, this.#mark(job), this.#ports.app, now);
      return due.slot === null ? (due.startsAt ?? []) : now;
    });
    const soonest = Math.min(...starts.map((start) => start.getTime() - now.getTime()), LONGEST_SLEEP);
    return Math.max(soonest, 1);
  }

  #mark(job: ScheduledJob): Mark {
    const key = keyOf(job);
    const mark = this.#marks[key];
    if (mark !== undefined) return mark;
    return adopt({}, [job], this.#ports.clock.now())[key] as Mark;
  }

  #set(job: ScheduledJob, mark: Mark): void {
    this.#write({ ...this.#marks, [keyOf(job)]: mark });
  }

  /** A disk that is full must not end the scheduler: what is due runs, and its own failure says what is wrong. */
  #write(marks: Marks): void {
    this.#marks = marks;
    try {
      this.#ports.writeMarks(marks);
    } catch (error) {
      this.#ports.log(`the schedule's state cannot be written: ${(error as Error).message}`);
    }
  }
}
