import type { Progress } from "../../agent/context.ts";
import { progressLine } from "./words.ts";

/** Tells how far a work is. */
export interface ProgressReport {
  report(progress: Progress): void;
  /** Puts the stream in order for other lines: a live line goes, one that waits is written. */
  settle(): void;
}

type Stream = Pick<NodeJS.WriteStream, "write" | "isTTY" | "columns">;

/** Milliseconds between two lines: at most four a second. */
const INTERVAL = 250;

/**
 * On a terminal one line that is written over; with KAMAL_BACKUP_PROGRESS=json a line of JSON a change, for a program
 * that reads along; nothing otherwise. Of changes in quick succession the last is told.
 */
export function progressReport(stream: Stream, env: NodeJS.ProcessEnv): ProgressReport {
  if (env["KAMAL_BACKUP_PROGRESS"] === "json") {
    return new Throttled(
      (progress) => stream.write(`${JSON.stringify({ progress })}\n`),
      () => {},
    );
  }
  if (stream.isTTY !== true) return { report: () => {}, settle: () => {} };
  // Erase in Line (ECMA-48).
  const erase = "\r\u001b[K";
  const show = (progress: Progress, seconds: number) =>
    stream.write(erase + progressLine(progress, seconds).slice(0, (stream.columns ?? 80) - 1));
  return new Throttled(show, () => stream.write(erase));
}

class Throttled implements ProgressReport {
  readonly #show: (progress: Progress, seconds: number) => void;
  readonly #clear: () => void;
  #timer: NodeJS.Timeout | undefined;
  #waiting: Progress | undefined;
  #shownAt = Number.NEGATIVE_INFINITY;
  #phase = "";
  #phaseSince = 0;

  constructor(show: (progress: Progress, seconds: number) => void, clear: () => void) {
    this.#show = show;
    this.#clear = clear;
  }

  report(progress: Progress): void {
    if (progress.phase !== this.#phase) {
      this.#phase = progress.phase;
      this.#phaseSince = performance.now();
    }
    this.#waiting = progress;
    const wait = this.#shownAt + INTERVAL - performance.now();
    if (wait <= 0) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), wait).unref();
  }

  settle(): void {
    if (this.#waiting !== undefined) this.#flush();
    this.#clear();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting === undefined) return;
    this.#show(this.#waiting, (performance.now() - this.#phaseSince) / 1000);
    this.#waiting = undefined;
    this.#shownAt = performance.now();
  }
}
