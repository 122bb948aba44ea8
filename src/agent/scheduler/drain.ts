import type { Clock } from "../context.ts";

/** Two signals to wind down by: `stop` starts nothing more, `abort` ends what runs. */
export interface Drain {
  readonly stop: AbortSignal;
  readonly abort: AbortSignal;
  /** Told to end: the first time with grace, a second time at once. */
  signalled(): void;
}

/** @param graceSeconds how long what runs may still run after the first signal. */
export function drain(graceSeconds: number, clock: Clock, log: (line: string) => void): Drain {
  const stop = new AbortController();
  const abort = new AbortController();
  return {
    stop: stop.signal,
    abort: abort.signal,
    signalled: () => {
      if (stop.signal.aborted) {
        if (!abort.signal.aborted) log("told to stop again: ending what runs");
        abort.abort();
        return;
      }
      log(`told to stop: nothing more is started, what runs may end within ${graceSeconds} s`);
      stop.abort();
      void clock.sleep(graceSeconds * 1000, abort.signal).then(() => {
        if (!abort.signal.aborted) log("the grace is over: ending what runs");
        abort.abort();
      });
    },
  };
}
