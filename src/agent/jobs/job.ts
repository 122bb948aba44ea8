import { type ErrorCode, Failure, type FailureOptions } from "../../errors.ts";
import type { Details } from "../../model/ledger.ts";
import type { AgentContext } from "../context.ts";

/** What a job came to when it did not fail. */
export interface JobResult {
  readonly outcome: "success" | "skipped";
  readonly details: Details;
}

/**
 * The work of a job. Throws a Failure where it fails; ends soon, with nothing half done, once the context's signal is
 * aborted. Locks, ledger and notifications are around it, not in it.
 */
export type Work = (context: AgentContext) => Promise<JobResult>;

/** A failure that found something out all the same: what the ledger is to keep of it. */
export class JobFailure extends Failure {
  readonly details: Details;

  constructor(code: ErrorCode, what: string, options: FailureOptions & { readonly details: Details }) {
    super(code, what, options);
    this.details = options.details;
  }
}
