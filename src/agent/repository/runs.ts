import { Failure } from "../../errors.ts";
import type { AgentTarget } from "../../model/agent-policy.ts";
import { instantOf } from "../retention/calendar.ts";
import type { Run, Snapshot } from "./snapshot.ts";

/**
 * The runs of a target, newest first. A snapshot of ours says its target and run: of two hosts in the same second it is
 * two runs. Each of the gem's is a run by itself, and belongs to the target that it fits.
 */
export function groupRuns(snapshots: readonly Snapshot[], target: AgentTarget): readonly Run[] {
  const ours = snapshots.filter((one) => one.target === target.name && one.run !== null);
  const runs = [...Map.groupBy(ours, ({ run, host }) => JSON.stringify([run, host])).values()].map(
    (members) => ourRun(members, target),
  );
  const gems = snapshots.filter((one) => fits(one, target)).map(gemRun);
  return [...runs, ...gems].sort((a, b) => b.time.getTime() - a.time.getTime() || (a.id < b.id ? 1 : -1));
}

function ourRun(members: readonly Snapshot[], target: AgentTarget): Run {
  const has = (wanted: Snapshot["type"]): boolean => members.some(({ type }) => type === wanted);
  return {
    id: members[0]?.run ?? "",
    host: members[0]?.host ?? "",
    time: new Date(Math.max(...members.map((one) => one.time.getTime()))),
    snapshots: [...members].sort((a, b) => a.time.getTime() - b.time.getTime()),
    complete: has("globals") && (target.type !== "files" || has("files")),
    madeBy: "kamal-backup",
  };
}

function gemRun(snapshot: Snapshot): Run {
  const { id, time, host } = snapshot;
  return { id, time, host, snapshots: [snapshot], complete: true, madeBy: "gem" };
}

/** What clocks of hosts may differ by. */
const SKEW_MS = 5 * 60_000;

/** Taken under a clock that was ahead of the one here: its time says nothing of how new it is. */
export function isAhead({ time }: Run, now: Date): boolean {
  return time.getTime() > now.getTime() + SKEW_MS;
}

/**
 * The newest complete one; one that is ahead only where there is no other.
 * @param runs newest first
 */
export function newestOf(runs: readonly Run[], now: Date): Run | null {
  const complete = runs.filter((run) => run.complete);
  return complete.find((run) => !isAhead(run, now)) ?? complete[0] ?? null;
}

/** The snapshot of a run that holds its files; undefined for none, or one of databases. */
export function filesOf(run: Run | null): Snapshot | undefined {
  return run?.snapshots.find(({ type }) => type === "files");
}

/**
 * Whether the gem made it, which had no targets, of what this target is. Its `database:` tag says nothing of that: it is
 * the name in the gem's own configuration.
 */
export function fits(snapshot: Snapshot, target: AgentTarget): boolean {
  if (snapshot.run !== null || snapshot.target !== null) return false;
  if (target.type === "files") return snapshot.type === "files";
  const adapter = target.type === "sqlite" ? "sqlite" : target.engine === "postgres" ? "postgres" : "mysql";
  return snapshot.type === "database" && snapshot.adapter === adapter;
}

/**
 * The run that is meant by `latest` (see `newestOf`), by a run's id, by a time as `2024-01-08T16:46:53` (the
 * newest complete run at or before it; in the given zone where it says none), or by the beginning of a snapshot's id
 * (complete or not). Failure `repository.no-such-run`.
 * @param runs newest first
 */
export function resolveRun(runs: readonly Run[], selector: string, zone: string, now: Date): Run {
  // A run's id is a time too: that of its begin, which is before that of its snapshots.
  const complete = runs.filter((run) => run.complete);
  const exact = complete.filter((run) => run.id === selector);
  if (exact.length > 1) {
    const names = exact.map((run) => `${run.snapshots[0]?.shortId} (${run.host})`).join(", ");
    return none(`several hosts took a run ${selector}: name one by its snapshot, ${names}`);
  }
  if (exact[0] !== undefined) return exact[0];
  if (selector === "latest") return sole(newestOf(runs, now) ?? none("there is no complete run"), complete);
  const time = parseTime(selector, zone);
  if (time !== null) {
    const found = complete.find((run) => run.time.getTime() <= time.getTime());
    return sole(found ?? none(`there is no complete run at or before ${time.toISOString()}`), complete);
  }
  if (!/^[0-9a-f]{4,64}$/.test(selector))
    return none(`${selector} is neither latest, nor a time as 2024-01-08T16:46:53, nor a snapshot's id`);
  const meant = runs.filter((run) => run.snapshots.some(({ id }) => id.startsWith(selector)));
  if (meant.length > 1) return none(`several runs have a snapshot whose id begins with ${selector}`);
  return meant[0] ?? none(`no run has a snapshot whose id begins with ${selector}`);
}

/** The gem made a run of each database: where it had several, the newest one may be of any. */
function sole(run: Run, complete: readonly Run[]): Run {
  if (run.madeBy !== "gem") return run;
  const gems = complete.filter(({ madeBy }) => madeBy === "gem");
  const databases = new Set(gems.map(({ snapshots }) => snapshots[0]?.database));
  if (databases.size <= 1) return run;
  return none("the gem's backups are of several databases: name one by its snapshot's id, which list shows");
}

function none(what: string): never {
  throw new Failure("repository.no-such-run", what);
}

/** Null for what is no time. */
function parseTime(text: string, zone: string): Date | null {
  const match = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?$/.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour, minute, second = "00"] = match;
  const wall = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const asUtc = new Date(`${wall}Z`);
  // 30 February comes back as another day, the 25th hour not at all.
  if (Number.isNaN(asUtc.getTime()) || asUtc.toISOString().slice(0, 19) !== wall) return null;
  if (match[8] !== undefined) return new Date(`${wall}${match[8].replace(/(\d\d):?(\d\d)$/, "$1:$2")}`);
  const numbers = { year: Number(year), month: Number(month), day: Number(day) };
  return instantOf({ ...numbers, hour: Number(hour), minute: Number(minute), second: Number(second) }, zone);
}
