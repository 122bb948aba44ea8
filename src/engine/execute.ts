import { Failure } from "../errors.ts";
import type { Change, ResourceId } from "../model/change.ts";
import type { Plan } from "../model/plan.ts";
import { showStep } from "../model/show-step.ts";
import type { Step } from "../model/step.ts";
import type { Journal } from "./journal.ts";
import { Interrupted } from "./ports.ts";
import type { Stops } from "./ports.ts";
import type { RunStep } from "./run-step.ts";

/** What apply tells while it works. */
export type ApplyEvent =
  | { readonly event: "locking" | "observing" | "verifying" | "releasing" }
  /** Round 0 is the plan to be confirmed; a later one is what the steps before it have made visible. */
  | { readonly event: "planned"; readonly round: number; readonly plan: Plan }
  | {
      readonly event: "step";
      readonly number: number;
      readonly of: number;
      readonly change: ResourceId;
      readonly step: string;
    }
  | { readonly event: "progress"; readonly text: string }
  | { readonly event: "rollback"; readonly change: ResourceId; readonly step: string };

export interface Executor {
  readonly runStep: RunStep;
  readonly journal: Journal;
  readonly stops: Stops;
  readonly tell: (event: ApplyEvent) => void;
}

/**
 * Runs the steps of the changes in order. A step that fails is followed by the rollback of its change.
 * @throws Failure of the step; Interrupted at the first safe point after a signal.
 */
export async function execute(changes: readonly Change[], executor: Executor): Promise<void> {
  const of = changes.reduce((sum, change) => sum + change.steps.length, 0);
  let number = 0;
  for (const change of changes) {
    for (const step of change.steps) {
      if (executor.stops.stop.aborted) throw new Interrupted(`before ${change.id}: ${showStep(step)}`);
      number += 1;
      executor.tell({ event: "step", number, of, change: change.id, step: showStep(step) });
      try {
        await runJournaled(change, step, executor);
      } catch (error) {
        if (error instanceof Interrupted || executor.stops.abort.aborted) {
          throw new Interrupted(`in ${change.id}: ${showStep(step)}`);
        }
        throw await rolledBack(change, error, executor);
      }
    }
  }
}

async function runJournaled(
  change: Change,
  step: Step,
  { runStep, journal, stops, tell }: Executor,
): Promise<"end" | undefined> {
  const entry = { change: change.id, step: showStep(step) };
  await journal.write({ event: "begin", ...entry });
  let end: "end" | undefined;
  try {
    end = await runStep(step, stops, (text) => tell({ event: "progress", text }));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    await journal.write({ event: "failed", ...entry, error: message });
    throw error;
  }
  await journal.write({ event: "done", ...entry });
  return end;
}

/** Puts back what the change offers to put back, also after a first signal. The failure says how that went. */
async function rolledBack(change: Change, error: unknown, executor: Executor): Promise<unknown> {
  if (change.rollback.length === 0) return error;
  const { abort } = executor.stops;
  try {
    for (const step of change.rollback) {
      executor.tell({ event: "rollback", change: change.id, step: showStep(step) });
      const end = await runJournaled(change, step, { ...executor, stops: { stop: abort, abort } });
      if (end === "end") break;
    }
  } catch (second) {
    const message = second instanceof Error ? second.message : String(second);
    return withNote(error, `${change.id} could not be put back as it was: ${message}`);
  }
  return withNote(error, `${change.id} was put back as it was`);
}

function withNote(error: unknown, note: string): unknown {
  if (!(error instanceof Failure)) return error;
  const detail = error.detail === undefined ? note : `${error.detail}\n${note}`;
  return new Failure(error.code, error.message, {
    ...(error.where === undefined ? {} : { where: error.where }),
    todo: error.todo,
    detail,
    cause: error.cause,
  });
}
