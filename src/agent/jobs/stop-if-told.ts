import { Failure } from "../../errors.ts";
import type { AgentContext } from "../context.ts";

/** Failure `agent.interrupted` where the work was told to stop: between steps, before one that must not be half done. */
export function stopIfTold({ signal }: AgentContext): void {
  if (signal.aborted) throw new Failure("agent.interrupted", "stopped");
}
