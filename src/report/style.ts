import { styleText } from "node:util";
import type { Action } from "../model/change.ts";

type Format = Parameters<typeof styleText>[0];

/** Colours a text, or leaves it. */
export type Paint = (format: Format, text: string) => string;

export function painter(colour: boolean): Paint {
  return (format, text) => (colour ? styleText(format, text, { validateStream: false }) : text);
}

/** As Terraform marks actions; `!` for what is blocked. */
export const SYMBOLS: Readonly<Record<Action, string>> = {
  create: "+",
  update: "~",
  delete: "-",
  replace: "-/+",
  blocked: "!",
  none: " ",
};

export const ACTION_FORMATS: Readonly<Record<Action, Format>> = {
  create: "green",
  update: "yellow",
  delete: "red",
  replace: ["yellow", "bold"],
  blocked: ["red", "bold"],
  none: "dim",
};

/** Every line of the text moved right by so many spaces; empty lines stay empty. */
export function indent(text: string, spaces: number): string {
  return text.replaceAll(/^(?=.)/gm, " ".repeat(spaces));
}
