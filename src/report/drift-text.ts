import type { Change } from "../model/change.ts";
import type { Plan } from "../model/plan.ts";
import { changeTexts } from "./change-text.ts";
import { projectName } from "./plan-text.ts";
import { painter } from "./style.ts";

/** What drifted, for a terminal; `drifted` are changes of the plan. Ends with a newline. */
export function driftText(plan: Plan, drifted: readonly Change[], colour: boolean): string {
  const paint = painter(colour);
  const noticed = plan.changes.filter(
    (change) => change.action === "none" && change.notices !== undefined && !drifted.includes(change),
  );
  const notices = changeTexts(noticed, null, paint);
  if (drifted.length === 0)
    return `${[...notices, paint("green", `${projectName(plan)}: no drift.`)].join("\n\n")}\n`;
  const unknown = drifted.filter((change) => change.unknown === true).length;
  const unhealthy = drifted.filter((change) => change.action === "none").length;
  const changed = drifted.length - unknown - unhealthy;
  const parts = [
    [changed, "changed since the last apply"] as const,
    [unhealthy, "to look at"] as const,
    [unknown, "could not be observed"] as const,
  ].filter(([count]) => count > 0);
  const line = paint("bold", `Drift: ${parts.map(([count, words]) => `${count} ${words}`).join(", ")}.`);
  const heal = drifted.some((change) => change.steps.length > 0)
    ? "\nkamal-backup plan shows what apply would do about it."
    : "";
  return `${[`${projectName(plan)}:`, ...changeTexts(drifted, null, paint), ...notices, `${line}${heal}`].join("\n\n")}\n`;
}
