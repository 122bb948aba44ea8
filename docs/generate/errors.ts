import { EXITS } from "../../src/engine/exit.ts";
import { ERRORS } from "../../src/errors.ts";

const INTRODUCTION = `# Errors and exit statuses

<!-- Generated from src/errors.ts and src/engine/exit.ts by npm run generate. -->

An error says what happened, where, and what to do; its code is in brackets, and \`error.code\` with \`--json\`. What a
program said is quoted with every secret redacted.
`;

/** The text of docs/errors.md. */
export function errorsPage(): string {
  const exits = Object.entries(EXITS).map(([status, meaning]) => `| ${status} | ${cell(meaning)} |`);
  const errors = Object.entries(ERRORS)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, { exit, todo }]) => `| \`${code}\` | ${exit} | ${cell(todo)} |`);
  return [
    INTRODUCTION,
    "## Exit statuses\n",
    "| status | meaning |",
    "| --- | --- |",
    ...exits,
    "\nUnknown weighs more than changes: a run that found both ends with 3.\n",
    "## Errors\n",
    "| code | exit | what to do |",
    "| --- | --- | --- |",
    ...errors,
    "",
  ].join("\n");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
}
