import type { LedgerEntry, Outcome } from "../../model/ledger.ts";

/** A backup that was restored to see whether it can be. */
export interface DrillEvidence {
  readonly seq: number;
  readonly hash: string;
  readonly outcome: Outcome;
  readonly started_at: string;
  readonly finished_at: string;
  /** The run that was restored; null where the drill did not come so far. */
  readonly run: string | null;
  /** Whether there was no newer backup then; null where the drill did not come so far. */
  readonly newest: boolean | null;
  /** A server of another kind that it was restored on: "MariaDB 11.8.6 in the place of MySQL". */
  readonly stand_in: string | null;
  /** Until the databases were usable; null where they never were. */
  readonly seconds: number | null;
  readonly assertions: { readonly passed: number; readonly failed: number } | null;
  /** Code of the failure. */
  readonly error: string | null;
}

/** How long a restore takes. */
export interface Rto {
  readonly objective_seconds: number | null;
  /** Of the newest successful drill of what was the newest backup, and the longest of all; null: there never was one. */
  readonly last_seconds: number | null;
  readonly longest_seconds: number | null;
  /**
   * Whether the newest drill succeeded within the objective; null where there is no objective. One of an older backup
   * that passed says nothing of the newest one, and is passed over.
   */
  readonly met: boolean | null;
}

/** Every drill of a target. Newest first, as the entries are. */
export function drillsOf(target: string, entries: readonly LedgerEntry[]): readonly DrillEvidence[] {
  return entries
    .filter((entry) => entry.job === "drill" && entry.target === target)
    .map(({ seq, hash, outcome, started_at, finished_at, error, details }) => ({
      seq,
      hash,
      outcome,
      started_at,
      finished_at,
      run: typeof details["run"] === "string" ? details["run"] : null,
      newest: typeof details["newest"] === "boolean" ? details["newest"] : null,
      stand_in: typeof details["stand_in"] === "string" ? details["stand_in"] : null,
      seconds: typeof details["seconds"] === "number" ? details["seconds"] : null,
      assertions: countAssertions(details["assertions"]),
      error: error?.code ?? null,
    }));
}

/** Those that say how the newest backup is restored: one of an older backup that passed does not. */
export function ofNewest(drills: readonly DrillEvidence[]): readonly DrillEvidence[] {
  return drills.filter((drill) => drill.outcome !== "success" || drill.newest !== false);
}

export function rtoOf(drills: readonly DrillEvidence[], objective: number | null): Rto {
  const secondsOf = (some: readonly DrillEvidence[]) =>
    some.flatMap((drill) => (drill.outcome === "success" ? (drill.seconds ?? []) : []));
  const telling = ofNewest(drills);
  const seconds = secondsOf(drills);
  const newest = telling[0];
  const inTime =
    newest?.outcome === "success" && (newest.seconds ?? Number.POSITIVE_INFINITY) <= (objective ?? 0);
  return {
    objective_seconds: objective,
    last_seconds: secondsOf(telling)[0] ?? null,
    longest_seconds: seconds.length === 0 ? null : Math.max(...seconds),
    met: objective === null ? null : inTime,
  };
}

function countAssertions(value: unknown): DrillEvidence["assertions"] {
  if (!Array.isArray(value)) return null;
  const passed = value.filter((one: { passed?: unknown }) => one.passed === true).length;
  return { passed, failed: value.length - passed };
}
