import type { Cause, Change, FieldChange, ResourceId, TextChange } from "../model/change.ts";
import type { Impact } from "../model/impact.ts";
import { showStep } from "../model/show-step.ts";
import { ACTION_FORMATS, indent, SYMBOLS } from "./style.ts";
import type { Paint } from "./style.ts";
import { textDiff } from "./text-diff.ts";

/** Why something differs, for somebody who has not read the documentation. */
const CAUSES: Readonly<Record<Cause, string>> = {
  drift: "changed by hand since the last apply",
  policy: "the policy or deploy.yml asks for it",
  both: "changed by hand, and the policy or deploy.yml asks for something new",
  adopt: "was there before kamal-backup",
};

/** What an impact means for a running system. */
export const IMPACT_WORDS: Readonly<Record<Impact, string>> = {
  none: "nothing is interrupted",
  reload: "the server reads its configuration again; no connection is lost",
  restart: "the server stops and starts",
  recreate: "the container is replaced; its data stays",
  data: "a copy of the data is set aside or given up",
};

/** Commands are shown, with the destination that Kamal is given; null: they are not. */
export type ShownCommands = { readonly destination: string | null } | null;

/** A new file longer than this is shown in full only with its commands. */
const NEW_FILE_LINES = 20;

/**
 * One change: what, why, what it interrupts, and the differences; with the commands where asked for. `others` are ids
 * of which the same is to be said.
 */
function changeText(
  change: Change,
  commands: ShownCommands,
  paint: Paint,
  others: readonly ResourceId[] = [],
): string {
  const symbol = SYMBOLS[change.action].padStart(3);
  const head = `${symbol} ${[change.id, ...others].join(", ")}${actionWord(change)}`;
  const body = [
    ...(change.reason === "" ? [] : [sentence(change.reason)]),
    ...(change.cause === null ? [] : [`why: ${CAUSES[change.cause]}`]),
    ...impactLines(change),
    ...change.fields.map((field) => fieldLine(field, paint)),
    ...(change.text === undefined ? [] : textLines(change.text, commands !== null, paint)),
    ...[...change.warnings, ...(change.notices ?? [])].map((note) => paint("yellow", `note: ${note}`)),
    ...(commands === null ? [] : commandLines(change, commands.destination, paint)),
  ];
  return [`${paint(ACTION_FORMATS[change.action], head)}`, ...body.map((line) => indent(line, 6))].join("\n");
}

function actionWord({ action, settledBy, unknown }: Change): string {
  switch (action) {
    case "none":
      return "";
    case "blocked":
      return unknown === true ? "  could not be observed" : "  blocked";
    default:
      return settledBy === undefined ? `  ${action}` : `  follows from ${settledBy}`;
  }
}

function impactLines({ action, impact, interrupts }: Change): string[] {
  if (action === "none" || action === "blocked" || impact === "none") return [];
  return [`impact: ${impact} - ${interrupts === "" ? IMPACT_WORDS[impact] : interrupts}`];
}

function textLines(text: TextChange, full: boolean, paint: Paint): string[] {
  const lines = text.after.split("\n").length - 1;
  if (text.before === "" && lines > NEW_FILE_LINES && !full) {
    return [paint("green", `+ ${text.path}: a new file of ${lines} lines; --commands shows them`)];
  }
  return [`${text.path}:`, textDiff(text, paint)];
}

function fieldLine({ field, before, after }: FieldChange, paint: Paint): string {
  if (before === null) return paint("green", `+ ${field}: ${after ?? ""}`);
  if (after === null) return paint("red", `- ${field}: ${before}`);
  return `${paint("yellow", "~")} ${field}: ${before} -> ${after}`;
}

function commandLines({ steps, rollback }: Change, destination: string | null, paint: Paint): string[] {
  const lines = steps.map((step) => showStep(step, destination));
  const undo = rollback.map((step) => `if that fails: ${showStep(step, destination)}`);
  return [...lines, ...undo].map((line) => paint("dim", `$ ${line.replaceAll("\n", "\n    ")}`));
}

function sentence(text: string): string {
  return /[.!?:]$/.test(text) ? text : `${text}.`;
}

/** The changes as text, those that could not be observed for one and the same reason as one. */
export function changeTexts(changes: readonly Change[], commands: ShownCommands, paint: Paint): string[] {
  const told = new Set<string>();
  return changes.flatMap((change) => {
    if (change.unknown !== true || change.warnings.length > 0) return [changeText(change, commands, paint)];
    if (told.has(change.reason)) return [];
    told.add(change.reason);
    const alike = changes.filter((other) => other.unknown === true && other.reason === change.reason);
    const others = alike.filter((other) => other !== change && other.warnings.length === 0);
    return [
      changeText(
        change,
        commands,
        paint,
        others.map((other) => other.id),
      ),
    ];
  });
}
