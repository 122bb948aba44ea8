import type { AgentNotification } from "../../model/agent-policy.ts";
import type { LedgerEntry, LedgerRecord } from "../../model/ledger.ts";

/** What is told: that a job starts, or how it ended. */
export type NotifyEvent =
  | { readonly on: "start"; readonly run: Pick<LedgerRecord, "job" | "target" | "repository" | "started_at"> }
  | { readonly on: "success" | "failure"; readonly run: LedgerRecord | LedgerEntry };

/** The end of a run as an event: who is skipped had nothing to do, which is well. */
export function endOf(run: LedgerRecord | LedgerEntry): NotifyEvent {
  return { on: run.outcome === "success" || run.outcome === "skipped" ? "success" : "failure", run };
}

export function isWanted({ on, jobs }: AgentNotification, event: NotifyEvent): boolean {
  return on.includes(event.on) && (jobs as readonly string[]).includes(event.run.job);
}
