import type { Action, Change } from "../model/change.ts";
import type { Impact } from "../model/impact.ts";
import { gravest, isAllowed } from "../model/impact.ts";
import type { Plan } from "../model/plan.ts";
import { changeTexts, IMPACT_WORDS } from "./change-text.ts";
import { painter } from "./style.ts";
import type { Paint } from "./style.ts";

export interface PlanTextOptions {
  readonly commands: boolean;
  readonly colour: boolean;
  /** What apply may do without a flag. */
  readonly allowed: Impact;
}

/** A plan for a terminal. Ends with a newline. */
export function planText(plan: Plan, { commands, colour, allowed }: PlanTextOptions): string {
  const paint = painter(colour);
  const shown = plan.changes.filter((change) => change.action !== "none");
  const notes = plan.changes.filter(
    ({ action, warnings, notices = [] }) => action === "none" && warnings.length + notices.length > 0,
  );
  const blocks = [
    ...(shown.length === 0 ? [] : [title(plan, shown)]),
    ...changeTexts(shown, commands ? { destination: plan.destination } : null, paint),
    ...(notes.length === 0 ? [] : ["Nothing for apply to do about these, but worth knowing:"]),
    ...changeTexts(notes, null, paint),
    summary(plan, shown, allowed, paint),
  ];
  return `${blocks.join("\n\n")}\n`;
}

/** `teamyap (destination staging)`. */
export function projectName({ service, destination }: Plan): string {
  return destination === null ? service : `${service} (destination ${destination})`;
}

function title(plan: Plan, shown: readonly Change[]): string {
  const acts = shown.some((change) => change.action !== "blocked");
  return acts ? `What apply would do on ${projectName(plan)}, in this order:` : `${projectName(plan)}:`;
}

const COUNTED: readonly (readonly [Action, string])[] = [
  ["create", "to create"],
  ["update", "to update"],
  ["replace", "to replace"],
  ["delete", "to delete"],
];

function summary(plan: Plan, shown: readonly Change[], allowed: Impact, paint: Paint): string {
  const unknown = shown.filter((change) => change.unknown === true).length;
  const blocked = shown.filter((change) => change.action === "blocked").length - unknown;
  const parts = [
    ...COUNTED.map(
      ([action, words]) => [shown.filter((change) => change.action === action).length, words] as const,
    ),
    [blocked, "blocked"] as const,
    [unknown, "could not be observed"] as const,
  ].filter(([count]) => count > 0);
  if (parts.length === 0) return paint("green", `${projectName(plan)}: nothing to change.`);
  const line = paint("bold", `Plan: ${parts.map(([count, words]) => `${count} ${words}`).join(", ")}.`);
  const impact = gravest(shown.map((change) => change.impact));
  if (impact === "none") return line;
  const flag = isAllowed(impact, allowed) ? "" : `; apply needs --allow ${impact}`;
  return `${line}\nGravest impact: ${impact} (${IMPACT_WORDS[impact]})${flag}.`;
}
