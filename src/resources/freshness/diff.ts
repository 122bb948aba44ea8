import type { JobStatus } from "../../model/agent-status.ts";
import { wordsIn } from "../../model/ledger.ts";
import type { Observation } from "../../model/observation.ts";
import { inOrder } from "../kind.ts";
import type { Difference, Resource } from "../kind.ts";
import type { FreshnessSpec } from "./desired.ts";
import type { LiveFreshness } from "./observe.ts";

type Seen = Exclude<Observation<LiveFreshness>, { status: "unknown" }>;

/** How late a first run may be: the scheduler puts it off by a jitter, or waits for another job. */
const FIRST_RUN_GRACE_SECONDS = 3600;

/** Nothing that apply could do makes a backup younger: what is late or failed is told, and drift ends with 2. */
export function diff({ spec }: Resource<FreshnessSpec>, seen: Seen): Difference {
  if (seen.status === "absent") return inOrder;
  const { at, jobs, halfRestored } = seen.value;
  const warnings = [
    ...halfRestored.map(
      ({ database, since }) =>
        `the restore of ${database} that began on ${since} was killed while it took its place: it may be without triggers, views and routines. \`kamal-backup backup ${spec.subject}\` brings that to its end first`,
    ),
    ...jobs.flatMap((job) => complaints(spec, job, at)),
  ];
  const notices = jobs.flatMap(({ last_success }) =>
    wordsIn(last_success, "notices").map((notice) => `${nameOf(spec)}: ${notice}`),
  );
  return { ...inOrder, warnings, ...(notices.length === 0 ? {} : { notices }) };
}

function nameOf({ job, subject }: FreshnessSpec): string {
  return `the ${job} of ${subject}`;
}

function complaints(spec: FreshnessSpec, job: JobStatus, at: string): string[] {
  const what = nameOf(spec);
  return [...failed(what, job), ...noted(what, job), ...late(spec, what, job, at)];
}

/** What a good run had to say all the same: retention that could not be applied, a path that was left out. */
function noted(what: string, { last_success }: JobStatus): string[] {
  return wordsIn(last_success, "warnings").map((warning) => `${what}: ${warning}`);
}

function failed(what: string, { last }: JobStatus): string[] {
  if (last === null || last.outcome === "success" || last.outcome === "skipped") return [];
  const how = last.outcome === "failure" ? "failed" : "was interrupted";
  const why = last.error === null ? "" : `: ${last.error.message} (${last.error.code}). ${last.error.todo}`;
  return [`${what} ${how} on ${last.finished_at}${why}`];
}

function late(spec: FreshnessSpec, what: string, job: JobStatus, at: string): string[] {
  const now = Date.parse(at);
  const running = job.running_since === null ? "" : `; one runs since ${job.running_since}`;
  const good =
    job.last_success === null ? "there is none" : `the last good one is of ${job.last_success.started_at}`;
  if (job.due_at !== null && Date.parse(job.due_at) < now) {
    return [`${what} is overdue since ${job.due_at}: ${good}${running}`];
  }
  if (job.last_success === null) {
    const first = job.next_at === null ? null : Date.parse(job.next_at) + FIRST_RUN_GRACE_SECONDS * 1000;
    return first !== null && first < now
      ? [`${what} never succeeded, and was due on ${job.next_at}${running}`]
      : [];
  }
  const age = (now - Date.parse(job.last_success.started_at)) / 1000;
  return spec.rpoSeconds !== null && age > spec.rpoSeconds
    ? [
        `${what} misses the recovery point objective of ${hours(spec.rpoSeconds)}: ${good}, ${hours(age)} ago${running}`,
      ]
    : [];
}

/** To a tenth of an hour. */
function hours(seconds: number): string {
  return `${Number((seconds / 3600).toFixed(1))} h`;
}
