import { Failure } from "../errors.ts";
import type { Change } from "../model/change.ts";
import type { Impact } from "../model/impact.ts";
import { gravest } from "../model/impact.ts";
import type { Plan } from "../model/plan.ts";
import { actionable, notAllowed } from "./verdict.ts";

/** Times that apply acts on what became visible only after it had acted before. */
const MAX_ROUNDS = 5;

/**
 * What is left to do after a round of steps; empty when everything is as it should be.
 * @throws Failure `apply.unsettled` for what was done and still differs, or still differs after the last round;
 * `apply.not-allowed` where what is left needs more than was allowed.
 */
export function nextRound(
  plan: Plan,
  stepped: readonly Change[],
  round: number,
  allowed: Impact,
): readonly Change[] {
  const differing = plan.changes.filter((change) => change.action !== "none" && change.action !== "blocked");
  if (differing.length === 0) return [];
  const todo = actionable(plan);
  // What was only started may have to be replaced next.
  const isDone = ({ id, action }: Change) => stepped.some((each) => each.id === id && each.action === action);
  const stuck = todo.filter(isDone);
  if (stuck.length > 0) throw unsettled(stuck);
  if (todo.length === 0 || round >= MAX_ROUNDS) throw unsettled(differing);
  refuseAbove(plan, allowed);
  return todo;
}

/** @throws Failure `apply.not-allowed`, naming what needs which flag. */
export function refuseAbove(plan: Plan, allowed: Impact): void {
  const refused = notAllowed(plan, allowed);
  if (refused.length === 0) return;
  const needed = gravest(refused.map((change) => change.impact));
  throw new Failure(
    "apply.not-allowed",
    `${refused.length === 1 ? "a change needs" : "changes need"} --allow ${needed}`,
    {
      detail: refused
        .map((change) => `${change.id} needs ${change.impact}: ${change.interrupts || change.reason}`)
        .join("\n"),
      todo: `Run apply with --allow ${needed} when that suits you, or set apply.allow in the policy. What is refused here was not begun.`,
    },
  );
}

function unsettled(changes: readonly Change[]): Failure {
  const names = changes.map((change) => change.id).join(", ");
  return new Failure("apply.unsettled", `applied, but not as it should be: ${names}`, {
    detail: changes.map((change) => `${change.id}: ${change.reason}`).join("\n"),
  });
}
