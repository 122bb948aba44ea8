import type { ResourceId } from "../model/change.ts";
import type { Impact } from "../model/impact.ts";
import type { Plan } from "../model/plan.ts";
import type { ApplyEvent } from "./execute.ts";
import type { Journal } from "./journal.ts";
import type { RunStep } from "./run-step.ts";

export type Signal = "SIGINT" | "SIGTERM";

/** What apply works with. */
export interface ApplyServices {
  /** Takes the deploy lock; gives what releases it. */
  lock(stop: AbortSignal): Promise<() => Promise<void>>;
  /** Observes everything and plans from it. May be abandoned at any time. */
  plan(): Promise<Plan>;
  /** Whether the user says yes. */
  confirm(plan: Plan, stop: AbortSignal): Promise<boolean>;
  openJournal(): Promise<Journal>;
  readonly runStep: RunStep;
  /** The highest impact that may be applied. */
  readonly allowed: Impact;
  tell(event: ApplyEvent): void;
}

export type ApplyStatus = "done" | "failed" | "interrupted";

export interface Outcome {
  readonly status: ApplyStatus;
  /** As last observed; null when it did not come that far. */
  readonly plan: Plan | null;
  /** Changes whose steps were begun. */
  readonly stepped: readonly ResourceId[];
  /** Set when it failed. */
  readonly error: unknown;
  /** Set when the journal or the lock could not be closed. */
  readonly releaseError: unknown;
  /** Set when it was interrupted. */
  readonly signal: Signal | null;
  /** Where it was interrupted, in words. */
  readonly at: string | null;
}
