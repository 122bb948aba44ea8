import { Failure } from "../../errors.ts";
import type { AgentTarget } from "../../model/agent-policy.ts";

/**
 * Failure `restore.not-confirmed` unless the name of what is about to be replaced was typed.
 * @param name of the database; of the target, for files.
 */
export function requireConfirmation(target: AgentTarget, name: string, typed: string): void {
  if (typed === name) return;
  const what = target.type === "files" ? `the files of ${name}` : `database ${name} of ${target.name}`;
  throw new Failure("restore.not-confirmed", `${what} would be replaced: ${name} has to be typed to confirm`);
}
