import { Failure } from "../../errors.ts";
import type { AgentTarget } from "../../model/agent-policy.ts";
import { chooseTarget } from "../remote/agents.ts";
import { whileInterruptible } from "../remote/interrupt.ts";
import type { Session } from "../session.ts";
import { restoreLocal } from "./restore-local.ts";
import type { Restored } from "./restore-local.ts";

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
  const restore = { ...chosen, ...rest, now: new Date(), signal: stop.signal };
  const work = restoreLocal(session, restore).catch(untilStopped);
  const { value, signal } = await whileInterruptible(work, () => stop.abort());
  if (value?.exit === 0) {
    process.stderr.write(`Restored ${name} to ${value.where}.${said(value, chosen.target)}\n`);
  }
  if (signal !== null) return signal === "SIGINT" ? 130 : 143;
  return value?.exit ?? 1;
}

/** What has a SQLite file open goes on with it under its new name, and removes side files by the old one in the end. */
function said({ aside }: Restored, { type }: AgentTarget): string {
  if (aside.length === 0) return "";
  const restart = type === "sqlite" ? " Restart what has the database open: it still uses that one." : "";
  return ` What was there is now ${aside.join(", ")}.${restart}`;
}

/** A local program that was stopped by our signal failed in nothing. */
function untilStopped(error: unknown): null {
  if (!(error instanceof Failure) || error.code !== "agent.interrupted") throw error;
  process.stderr.write(`${error.message}. ${error.todo}\n`);
  return null;
}
