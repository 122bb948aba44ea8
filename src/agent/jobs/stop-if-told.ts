import { Failure } from "../../errors.ts";
import type { AgentContext } from "../context.ts";
import { JobFailure } from "./job.ts";

/** Failure `agent.interrupted` where the work was told to stop: between steps, before one that must not be half done. */
export function stopIfTold({ signal }: AgentContext): void {
  if (signal.aborted) throw new Failure("agent.interrupted", "stopped");
}

/**
 * What to throw for an error of work that leaves production alone: where it was told to stop, programs that were ended
 * say as much as of a broken backup.
 */
export function interruptedOr(error: unknown, { signal }: AgentContext): unknown {
  if (!signal.aborted || error instanceof JobFailure) return error;
  return new Failure("agent.interrupted", "stopped while restoring: nothing in production was changed", {
    cause: error,
  });
}
