import type { Change } from "../model/change.ts";
import type { Impact } from "../model/impact.ts";
import { isAllowed } from "../model/impact.ts";
import type { Plan } from "../model/plan.ts";
import type { ExitStatus } from "./exit.ts";

/** The changes that apply acts on now, in order. */
export function actionable(plan: Plan): Change[] {
  return plan.changes.filter((change) => change.action !== "blocked" && change.steps.length > 0);
}

/** What somebody changed behind our back, what could not be observed, and what is not healthy. */
export function drifted(plan: Plan): Change[] {
  return plan.changes.filter(
    (change) =>
      change.cause === "drift" ||
      change.cause === "both" ||
      change.unknown === true ||
      change.warnings.length > 0,
  );
}

/** The changes whose impact is above what is allowed. */
export function notAllowed(plan: Plan, allowed: Impact): Change[] {
  return actionable(plan).filter((change) => !isAllowed(change.impact, allowed));
}

/** Exit status of `plan`. */
export function planExit(plan: Plan): ExitStatus {
  if (plan.changes.some((change) => change.unknown === true)) return 3;
  return plan.changes.some((change) => change.action !== "none") ? 2 : 0;
}

/** Exit status of `drift`. */
export function driftExit(plan: Plan): ExitStatus {
  if (plan.changes.some((change) => change.unknown === true)) return 3;
  return drifted(plan).length > 0 ? 2 : 0;
}

/** Exit status of an apply that did all that it could: what stayed blocked is not done. */
export function appliedExit(plan: Plan): ExitStatus {
  if (plan.changes.some((change) => change.unknown === true)) return 3;
  return plan.changes.some((change) => change.action === "blocked") ? 1 : 0;
}
