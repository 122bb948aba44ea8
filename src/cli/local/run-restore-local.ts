import { chooseTarget } from "../remote/agents.ts";
import { whileInterruptible } from "../remote/interrupt.ts";
import type { Session } from "../session.ts";
import { restoreLocal } from "./restore-local.ts";

export interface LocalRequest {
  readonly name: string;
  readonly selector: string | undefined;
  readonly to: string;
  readonly database: string | undefined;
  readonly replace: boolean;
}

/**
 * Restores to this machine and says where; gives the exit status. A signal ends the fetch, and then the local program.
 * @throws Failure `local.*`, `agent.*`, `host.*`.
 */
export async function runRestoreLocal(session: Session, request: LocalRequest): Promise<number> {
  const { name, ...rest } = request;
  const chosen = chooseTarget(session.topology(), name);
  const stop = new AbortController();
  const work = restoreLocal(session, { ...chosen, ...rest, now: new Date(), signal: stop.signal });
  const { value, signal } = await whileInterruptible(work, () => stop.abort());
  if (signal !== null) return signal === "SIGINT" ? 130 : 143;
  const { exit, where, aside } = value;
  if (exit === 0) {
    const kept = aside === null ? "" : ` What was there is now ${aside}.`;
    process.stderr.write(`Restored ${name} to ${where}.${kept}\n`);
  }
  return exit;
}
