import { notesOf } from "../../model/ledger.ts";
import type { AgentStatus, HalfRestored, JobStatus, RepositoryStatus } from "../../model/agent-status.ts";

/** A status for people: a line a job, a line a repository. */
export function statusText({
  app,
  host,
  scheduling_since,
  jobs,
  half_restored,
  repositories,
}: AgentStatus): string {
  const scheduling =
    scheduling_since === null ? "the scheduler does not run" : `scheduling since ${scheduling_since}`;
  return [
    `${app} on ${host}: ${scheduling}`,
    ...jobs.flatMap((job) => [jobLine(job), ...notesOf(job.last_success).map((note) => `  note: ${note}`)]),
    ...half_restored.map(halfLine),
    ...repositories.map(repositoryLine),
  ].join("\n");
}

function jobLine({ job, subject, schedule, running_since, next_at, last, last_success }: JobStatus): string {
  const good = last_success?.finished_at ?? "never";
  const ended =
    last === null || last.outcome === "success"
      ? ""
      : `, last run: ${last.outcome}${last.error === null ? "" : ` (${last.error.code})`}`;
  const next = running_since === null ? `next ${next_at ?? "never"}` : `running since ${running_since}`;
  return `${job} ${subject} (${schedule}): last success ${good}${ended}, ${next}`;
}

function halfLine({ target, database, since }: HalfRestored): string {
  return `restore of ${database} (${target}) since ${since}: interrupted while it took its place, and not at its end`;
}

function repositoryLine({ name, state, id, detail, locks }: RepositoryStatus): string {
  const words = state === "ready" ? (id ?? "").slice(0, 8) : detail.split("\n")[0];
  const stale = locks.filter((lock) => lock.stale).length;
  const locked = locks.length === 0 ? "" : `, ${locks.length} locks of which ${stale} stale`;
  return `repository ${name}: ${state}${words === "" ? "" : ` (${words})`}${locked}`;
}
