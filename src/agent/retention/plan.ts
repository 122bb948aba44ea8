import type { AgentPolicy, RetentionRules } from "../../model/agent-policy.ts";
import { isAhead } from "../repository/runs.ts";
import type { Run } from "../repository/snapshot.ts";
import { type Kept, keep } from "./keep.ts";

/** What retention does with the runs of one target. */
export interface RetentionPlan {
  readonly kept: number;
  /** Why the complete ones among these stay, as `keep` says it. */
  readonly reasons: ReadonlyMap<Run, readonly string[]>;
  readonly forgotten: readonly { readonly run: Run; readonly reason: string }[];
}

const DAY_MS = 86_400_000;

/** A host that took no run for so long has no agent any more: longer than schedules are wide. */
const QUIET_MS = 45 * DAY_MS;

/**
 * What is kept of a target's runs and what is forgotten. The gem made a run of each database, so each of them is a
 * series of its own, together with the runs of ours: those count for it, never against it. A run that is not complete
 * goes a day later, once a newer complete one is there.
 *
 * Left alone, and counted for nothing: runs of the future, which a clock made that was ahead; and those of another host
 * as long as it may have an agent of its own, to decide about them. What a former host left is one history with ours.
 * @param rules null: every complete run stays
 * @param where whose retention it is
 */
export function planRetention(
  runs: readonly Run[],
  rules: RetentionRules | null,
  { timezone: zone, host }: Pick<AgentPolicy, "timezone" | "host">,
  now: Date,
): RetentionPlan {
  const known = runs.filter((run) => !isAhead(run, now));
  const all = known.filter((run) => run.madeBy === "kamal-backup");
  const others = new Set(
    all
      .filter((run) => run.complete && run.host !== host && now.getTime() - run.time.getTime() < QUIET_MS)
      .map((run) => run.host),
  );
  const ours = all.filter((run) => !others.has(run.host));
  const gems = Map.groupBy(
    known.filter((run) => run.madeBy === "gem"),
    seriesOf,
  );
  const stay = new Map<Run, readonly string[]>();
  for (const run of runs.filter(({ complete }) => complete)) {
    if (isAhead(run, now)) stay.set(run, ["of the future"]);
    else if (run.madeBy === "kamal-backup" && others.has(run.host)) stay.set(run, ["of another host"]);
  }
  const keptOf = (among: readonly Run[]): readonly Kept[] => [
    ...beforeGap(among, rules?.within_seconds ?? null),
    ...keep(among, rules, zone),
  ];
  for (const { run, reasons } of keptOf(ours)) stay.set(run, reasons);
  for (const series of gems.values())
    for (const { run, reasons } of keptOf([...ours, ...series]))
      if (run.madeBy === "gem") stay.set(run, reasons);

  const newest = Math.max(...known.filter((run) => run.complete).map((run) => run.time.getTime()));
  const forgotten = runs.flatMap((run) => {
    if (stay.has(run) || (run.madeBy === "kamal-backup" && others.has(run.host))) return [];
    if (run.complete) return [{ run, reason: "no rule keeps it" }];
    const abandoned = now.getTime() - run.time.getTime() > DAY_MS && run.time.getTime() < newest;
    return abandoned ? [{ run, reason: "not complete, and a newer run is" }] : [];
  });
  return { kept: runs.length - forgotten.length, reasons: stay, forgotten };
}

/**
 * What `within` still keeps of the runs before a gap that is longer than itself, until those after it reach as far back:
 * a clock that leaps ahead for a run, and a host that was off for long, would lose all at once.
 */
function beforeGap(runs: readonly Run[], seconds: number | null): readonly Kept[] {
  if (seconds === null) return [];
  const reach = seconds * 1000;
  const complete = runs.filter((run) => run.complete).sort((a, b) => b.time.getTime() - a.time.getTime());
  const times = complete.map(({ time }) => time.getTime());
  const gap = times.findIndex((time, index) => (times[index - 1] ?? time) - time > reach);
  if (gap === -1) return [];
  const [newest = 0, after = 0, before = 0] = [times[0], times[gap - 1], times[gap]];
  if (newest - after >= reach) return [];
  return complete
    .slice(gap)
    .filter(({ time }) => before - time.getTime() < reach)
    .map((run) => ({ run, reasons: ["within, before a gap"] }));
}

function seriesOf({ snapshots }: Run): string {
  return JSON.stringify([snapshots[0]?.type, snapshots[0]?.adapter, snapshots[0]?.database]);
}
