import type { AgentPolicy } from "../model/agent-policy.ts";
import type { Value } from "../model/secret.ts";

/** The time, and waiting: simulated in tests. */
export interface Clock {
  now(): Date;
  /** Resolves after that many milliseconds, or early when the signal comes; never rejects. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** How far a long work is. */
export interface Progress {
  /** In words, lower case: "dumping teamyap_production". */
  readonly phase: string;
  readonly bytes?: number;
  /** Null: not known beforehand. */
  readonly totalBytes?: number | null;
}

/** Where an agent's jobs work, and with what. */
export interface AgentContext {
  readonly policy: AgentPolicy;
  /** Reveals a value for an environment or a stdin. Throws `secrets.undefined` for a variable that is not set. */
  reveal(value: Value): string;
  /** Replaces every secret of the policy in a text that somebody else wrote. */
  redact(text: string): string;
  /** Survives the container: ledger, locks, caches. */
  readonly stateDirectory: string;
  /** Room for dumps and throwaway clusters; may be emptied at any start. */
  readonly scratchDirectory: string;
  readonly clock: Clock;
  /** Random bytes as hexadecimal digits, for names. */
  randomHex(bytes: number): string;
  /** One line for people, without time and newline. */
  log(line: string): void;
  progress(progress: Progress): void;
  /** Aborted when the work has to stop. */
  readonly signal: AbortSignal;
}
