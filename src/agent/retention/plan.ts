import type { RetentionRules } from "../../model/agent-policy.ts";
import type { Run } from "../repository/snapshot.ts";
import { keep } from "./keep.ts";

/** What retention does with the runs of one target. */
export interface RetentionPlan {
  readonly kept: number;
  /** Why the complete ones among these stay, as `keep` says it. */
  readonly reasons: ReadonlyMap<Run, readonly string[]>;
  readonly forgotten: readonly { readonly run: Run; readonly reason: string }[];
}

const DAY_MS = 86_400_000;

/**
 * What is kept of a target's runs and what is forgotten. The gem made a run of each database, so each of them is a
 * series of its own, together with the runs of ours: those count for it, never against it. A run that is not complete
 * goes a day later, once a newer complete one is there.
 * @param rules null: every complete run stays
 * @param zone IANA name
 */
export function planRetention(
  runs: readonly Run[],
  rules: RetentionRules | null,
  zone: string,
  now: Date,
): RetentionPlan {
  const ours = runs.filter((run) => run.madeBy === "kamal-backup");
  const gems = Map.groupBy(
    runs.filter((run) => run.madeBy === "gem"),
    seriesOf,
  );
  const stay = new Map(keep(ours, rules, zone).map(({ run, reasons }) => [run, reasons]));
  for (const series of gems.values())
    for (const { run, reasons } of keep([...ours, ...series], rules, zone))
      if (run.madeBy === "gem") stay.set(run, reasons);

  const newest = Math.max(...runs.filter((run) => run.complete).map((run) => run.time.getTime()));
  const forgotten = runs.flatMap((run) => {
    if (stay.has(run)) return [];
    if (run.complete) return [{ run, reason: "no rule keeps it" }];
    const abandoned = now.getTime() - run.time.getTime() > DAY_MS && run.time.getTime() < newest;
    return abandoned ? [{ run, reason: "not complete, and a newer run is" }] : [];
  });
  return { kept: runs.length - forgotten.length, reasons: stay, forgotten };
}

function seriesOf({ snapshots }: Run): string {
  return JSON.stringify([snapshots[0]?.type, snapshots[0]?.adapter, snapshots[0]?.database]);
}
