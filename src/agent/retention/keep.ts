import type { RetentionRules } from "../../model/agent-policy.ts";
import type { Run } from "../repository/snapshot.ts";
import { PERIODS } from "./calendar.ts";

/** A run that stays, and what keeps it, in words: "the newest", "last", "daily 2024-1-8". */
export interface Kept {
  readonly run: Run;
  readonly reasons: readonly string[];
}

const CALENDAR = ["hourly", "daily", "weekly", "monthly", "yearly"] as const;

/**
 * Which of these runs stay: as `restic forget` decides (restic.readthedocs.io, "Removing snapshots according to a
 * policy"; restic/internal/data/snapshot_policy.go), with the periods of a zone's calendar. Of each period the newest
 * run counts; as long as a rule has room left it keeps the oldest run too; `within` counts back from the newest. Runs
 * that are not complete are left out of all of it. The newest complete run stays under any rules, and without any rule
 * every run does.
 * @param zone IANA name
 * @returns the complete runs that stay, newest first
 */
export function keep(runs: readonly Run[], rules: RetentionRules | null, zone: string): readonly Kept[] {
  const complete = runs.filter((run) => run.complete).sort((a, b) => b.time.getTime() - a.time.getTime());
  const newest = complete[0];
  if (newest === undefined) return [];
  if (rules === null || isEmpty(rules)) return complete.map((run) => ({ run, reasons: ["no rule"] }));
  const left = { ...rules };
  const seen = new Map<string, string>();
  return complete.flatMap((run, index) => {
    const reasons = run === newest ? ["the newest"] : [];
    if (left.last > 0) {
      left.last -= 1;
      reasons.push("last");
    }
    for (const rule of CALENDAR) {
      const period = PERIODS[rule](run.time, zone);
      const isOldest = index === complete.length - 1;
      if (left[rule] <= 0 || (seen.get(rule) === period && !isOldest)) continue;
      left[rule] -= 1;
      reasons.push(seen.get(rule) === period ? `${rule}, the oldest` : `${rule} ${period}`);
      seen.set(rule, period);
    }
    const { within_seconds } = rules;
    if (within_seconds !== null && newest.time.getTime() - run.time.getTime() < within_seconds * 1000)
      reasons.push("within");
    return reasons.length > 0 ? [{ run, reasons }] : [];
  });
}

function isEmpty(rules: RetentionRules): boolean {
  return rules.last === 0 && rules.within_seconds === null && CALENDAR.every((rule) => rules[rule] === 0);
}
