import type { Clock } from "../../../src/agent/context.ts";

/** Time that goes on only when everybody sleeps: a year is simulated in a moment. */
export class SimulatedClock implements Clock {
  #now: number;
  #sleepers: { readonly until: number; readonly wake: () => void }[] = [];

  constructor(start: string) {
    this.#now = Date.parse(start);
  }

  now(): Date {
    return new Date(this.#now);
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const sleeper = { until: this.#now + milliseconds, wake: resolve };
      this.#sleepers.push(sleeper);
      signal?.addEventListener("abort", () => {
        this.#sleepers = this.#sleepers.filter((one) => one !== sleeper);
        resolve();
      });
    });
  }

  /** Lets time pass, sleeper by sleeper, up to that instant. */
  async passUntil(iso: string): Promise<void> {
    const end = Date.parse(iso);
    await settled();
    for (;;) {
      const next = this.#sleepers.toSorted((a, b) => a.until - b.until)[0];
      if (next === undefined || next.until > end) break;
      this.#now = Math.max(this.#now, next.until);
      this.#sleepers = this.#sleepers.filter((one) => one !== next);
      next.wake();
      await settled();
    }
    this.#now = Math.max(this.#now, end);
  }

  /** The machine's clock is set; who sleeps goes on sleeping for as long as before (its timer is monotonic). */
  set(iso: string): void {
    const jump = Date.parse(iso) - this.#now;
    this.#now += jump;
    this.#sleepers = this.#sleepers.map(({ until, wake }) => ({ until: until + jump, wake }));
  }
}

/** After all that was resolved has run. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
