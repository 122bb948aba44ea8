import { Failure } from "../errors.ts";
import type { Details, LedgerRecord } from "../model/ledger.ts";
import type { AgentContext } from "./context.ts";
import { JobFailure } from "./jobs/job.ts";
import type { JobResult } from "./jobs/job.ts";
import type { Running } from "./target-lock/target-lock.ts";

type What = Pick<LedgerRecord, "job" | "target" | "repository" | "trigger">;

/** The record of a run that ended: with a result, or with what it threw. Whatever it holds is redacted. */
export function recordOf(
  { job, target, repository, trigger }: What,
  startedAt: string,
  finishedAt: string,
  end: JobResult | { readonly error: unknown },
  { redact, signal }: Pick<AgentContext, "redact" | "signal">,
): LedgerRecord {
  const run = { job, target, repository, trigger, started_at: startedAt, finished_at: finishedAt };
  if (!("error" in end)) {
    return { ...run, outcome: end.outcome, error: null, details: redactDeep(end.details, redact) as Details };
  }
  const failure = failureOf(end.error);
  const { code, message, todo, where, detail } = failure;
  const found = failure instanceof JobFailure ? failure.details : {};
  const details = {
    ...found,
    ...(where === undefined ? {} : { where }),
    ...(detail === undefined ? {} : { detail }),
  };
  return {
    ...run,
    outcome: signal.aborted ? "interrupted" : "failure",
    error: { code, message: redact(message), todo: redact(todo) },
    details: redactDeep(details, redact) as Details,
  };
}

/** The record of a run that died without one, found at that time. */
export function interruptedRecord({ since, ...run }: Running, foundAt: string): LedgerRecord {
  const { job, target, repository, trigger } = run;
  const died = new Failure("agent.interrupted", "the run died: its process or its container was killed");
  const error = { code: died.code, message: died.message, todo: died.todo };
  return {
    job,
    target,
    repository,
    trigger,
    outcome: "interrupted",
    started_at: since,
    finished_at: foundAt,
    error,
    details: {},
  };
}

/** Anything thrown as a Failure: what was not thrown on purpose is a bug. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error;
  return new Failure("internal.bug", error instanceof Error ? error.message : String(error), {
    cause: error,
  });
}

function redactDeep(value: unknown, redact: (text: string) => string): unknown {
  if (typeof value === "string") return redact(value);
  if (Array.isArray(value)) return value.map((inner) => redactDeep(inner, redact));
  if (typeof value !== "object" || value === null || "toJSON" in value) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, redactDeep(inner, redact)]));
}
