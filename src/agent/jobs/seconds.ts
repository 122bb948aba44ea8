/** Seconds from one time to another, to the millisecond; never negative, should the clock have been set back. */
export function secondsBetween(from: Date, to: Date): number {
  return Math.max(0, to.getTime() - from.getTime()) / 1000;
}
