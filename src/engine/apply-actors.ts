import { fromPromise } from "xstate";
import { Failure } from "../errors.ts";
import type { Change } from "../model/change.ts";
import type { Plan } from "../model/plan.ts";
import type { ApplyServices, ApplyStatus, Signal } from "./apply-services.ts";
import { execute } from "./execute.ts";
import type { Journal } from "./journal.ts";
import { Interrupted } from "./ports.ts";
import { nextRound, refuseAbove } from "./rounds.ts";
import { actionable } from "./verdict.ts";

/** What the machine knows; the controllers carry the signals. */
export interface Context {
  readonly services: ApplyServices;
  readonly stop: AbortController;
  readonly abort: AbortController;
  readonly signal: Signal | null;
  readonly release: (() => Promise<void>) | null;
  readonly journal: Journal | null;
  readonly plan: Plan | null;
  readonly todo: readonly Change[];
  readonly stepped: readonly Change[];
  readonly round: number;
  readonly error: unknown;
  readonly releaseError: unknown;
}

/** Rejects at the first signal; what it was waiting for has no effect and is left to itself. */
function abandonable<Result>(work: Promise<Result>, stop: AbortSignal): Promise<Result> {
  if (stop.aborted) return Promise.reject(new Interrupted("before observing"));
  return Promise.race([
    work,
    new Promise<never>((_resolve, reject) => {
      stop.addEventListener("abort", () => reject(new Interrupted("while observing")), { once: true });
    }),
  ]);
}

/** How it ends with what is known now. */
export function statusOf({ error, releaseError, signal }: Context): ApplyStatus {
  if (error instanceof Interrupted || (signal !== null && error !== null && isKilled(error)))
    return "interrupted";
  return error === null && releaseError === null ? "done" : "failed";
}

/** A program that ends because we killed it is not a failure of its own. */
function isKilled(error: unknown): boolean {
  return error instanceof Failure && error.code === "kamal.interrupted";
}

export const lock = fromPromise<() => Promise<void>, Context>(({ input: { services, stop } }) => {
  services.tell({ event: "locking" });
  return services.lock(stop.signal);
});

export const observe = fromPromise<Plan, Context>(({ input: { services, stop, round } }) => {
  services.tell({ event: round === 0 ? "observing" : "verifying" });
  return abandonable(services.plan(), stop.signal);
});

/** Empty: nothing to do. */
export const judge = fromPromise<readonly Change[], Context>(
  async ({ input: { services, plan, stepped, round } }) => {
    const current = plan as Plan;
    services.tell({ event: "planned", round, plan: current });
    if (round > 0) return nextRound(current, stepped, round, services.allowed);
    refuseAbove(current, services.allowed);
    return actionable(current);
  },
);

export const confirm = fromPromise<void, Context>(async ({ input: { services, plan, stop } }) => {
  if (!(await services.confirm(plan as Plan, stop.signal))) {
    throw stop.signal.aborted
      ? new Interrupted("before its first step")
      : new Failure("apply.not-approved", "not approved");
  }
});

export const openJournal = fromPromise<Journal, Context>(async ({ input: { services, plan, todo } }) => {
  const journal = await services.openJournal();
  const { kamal_backup_version: version, policy_hash } = plan as Plan;
  await journal.write({ event: "start", version, policy_hash, changes: todo.map((change) => change.id) });
  return journal;
});

export const step = fromPromise<void, Context>(({ input: { services, journal, todo, stop, abort } }) =>
  execute(todo, {
    runStep: services.runStep,
    journal: journal as Journal,
    stops: { stop: stop.signal, abort: abort.signal },
    tell: services.tell,
  }),
);

export const release = fromPromise<void, Context>(async ({ input }) => {
  const { services, journal, release: unlock } = input;
  if (unlock !== null) services.tell({ event: "releasing" });
  try {
    await journal?.write({ event: "end", outcome: statusOf(input) });
    await journal?.close();
  } finally {
    await unlock?.();
  }
});
