import { isAhead } from "./runs.ts";
import type { Run } from "./snapshot.ts";

/**
 * In words: what makes it doubtful which run of a target is its newest. That another host backs it up is told where that
 * took a run after the newest of this one but one: of two that start in the same second, either is told. A database that
 * moved here begins with the runs of its former host, which is no doubt.
 * @param runs newest first
 * @param host of whom it is told, as the policy calls it
 */
export function doubtsOf(runs: readonly Run[], host: string, now: Date): readonly string[] {
  const complete = runs.filter((run) => run.complete);
  const ahead = complete.filter((run) => isAhead(run, now));
  const known = complete.filter((run) => run.madeBy === "kamal-backup" && !isAhead(run, now));
  const own = known.filter((run) => run.host === host);
  const since = own[1] ?? own[0];
  const other = known.find((run) => run.host !== host);
  const mixed = known
    .slice(0, RECENT)
    .filter(({ snapshots }) => snapshots.filter(({ type }) => type === "globals").length > 1);
  const doubts: string[] = [];
  if (since !== undefined && other !== undefined && other.time > since.time) {
    doubts.push(
      `${other.host} backs up under the same name: it took run ${other.id}, and ${host} took ${own[0]?.id}. If agents of both still run, stop the one that is not where the data is`,
    );
  }
  if (mixed.length > 0) {
    doubts.push(`two agents took ${namesOf(mixed)} at once: one of them runs on a copy of that host`);
  }
  if (ahead.length > 0) {
    doubts.push(
      `of the future: ${namesOf(ahead)}. It is not taken for the latest, and stays until somebody forgets its snapshots with restic`,
    );
  }
  return doubts;
}

/** Of what is older nobody has to know at every backup. */
const RECENT = 5;

/** One, and how many others: a clock that is behind makes all of the future. */
function namesOf([first, ...others]: readonly Run[]): string {
  const more = others.length === 0 ? "" : ` and ${others.length} more`;
  return `run ${first?.id} of ${first?.host}${more}`;
}
