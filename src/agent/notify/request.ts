import type { LedgerRecord } from "../../model/ledger.ts";
import type { NotifyEvent } from "./event.ts";

/** An HTTP request that tells an event. */
export interface NotifyRequest {
  readonly url: string;
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/**
 * As Healthchecks and those that do like it are told (healthchecks.io/docs/http_api): GET URL/start, GET URL, and POST
 * URL/fail with what went wrong, of which it keeps 100 kB.
 */
export function pingRequest(url: string, event: NotifyEvent): NotifyRequest {
  const address = new URL(url);
  const ending = { start: "/start", success: "", failure: "/fail" }[event.on];
  address.pathname = address.pathname.replace(/\/$/, "") + ending;
  if (event.on !== "failure") return { url: address.href, method: "GET", headers: {}, body: null };
  const headers = { "content-type": "text/plain; charset=utf-8" };
  return { url: address.href, method: "POST", headers, body: failureLines(event.run) };
}

function failureLines({ job, target, repository, outcome, error }: LedgerRecord): string {
  const subject = target ?? repository;
  const head = `${job} of ${subject}: ${outcome}`;
  return error === null ? head : `${head}\n${error.message} (${error.code})\n${error.todo}`;
}

/** POST of the event as JSON: the ledger's own words. */
export function webhookRequest(url: string, app: string, host: string, event: NotifyEvent): NotifyRequest {
  const headers = { "content-type": "application/json" };
  const { job, target, repository, started_at } = event.run;
  const start = { event: event.on, app, host, job, target, repository, started_at };
  if (event.on === "start") return { url, method: "POST", headers, body: JSON.stringify(start) };
  const { outcome, finished_at, error, details } = event.run;
  return {
    url,
    method: "POST",
    headers,
    body: JSON.stringify({ ...start, outcome, finished_at, error, details }),
  };
}
