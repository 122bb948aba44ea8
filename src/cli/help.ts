import type { Command } from "commander";
import { EXITS } from "../engine/exit.ts";

export interface Example {
  readonly command: string;
  readonly what: string;
}

/** The end of a command's help. */
export function examplesText(examples: readonly Example[]): string {
  const width = Math.max(...examples.map(({ command }) => command.length));
  return `\nExamples:\n${examples.map(({ command, what }) => `  ${command.padEnd(width)}  # ${what}`).join("\n")}`;
}

/** The exit statuses, one a line. */
export function exitsText(): string {
  const lines = Object.entries(EXITS).map(([status, meaning]) => `  ${status.padStart(3)}  ${meaning}`);
  return `\nExit status:\n${lines.join("\n")}\n`;
}

/** What follows the error of a group of commands that was called without one of them: `restore db`. */
export function groupHint(group: Command): string {
  const names = group.commands.map((command) => command.name());
  return `(${group.name()} needs to be told which: ${names.map((name) => `${group.name()} ${name}`).join(", ")})`;
}
