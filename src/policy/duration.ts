const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86400 };

/** Seconds of a duration as the policy's schema admits it: `30s 15m 6h 7d`. */
export function durationSeconds(duration: string): number {
  return Number(duration.slice(0, -1)) * (SECONDS[duration.slice(-1)] ?? Number.NaN);
}

/** Seconds as people say them, in the largest unit that divides them: `1h`, `90m`. */
export function showDuration(seconds: number): string {
  const [unit, size] = Object.entries(SECONDS).findLast(([, size]) => seconds % size === 0) ?? ["s", 1];
  return `${seconds / size}${unit}`;
}
