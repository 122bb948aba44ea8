import type { Secret } from "../model/secret.ts";
import { encodeEnvValue } from "./ruby-strings.ts";

/** Shorter values are left: they are words such as `app` or `1`, and blanking them out would garble every message. */
const SHORTEST = 4;
/** A line of a multi-line value is looked for by itself from this length on: output is often cut into lines. */
const SHORTEST_LINE = 8;

/**
 * The text with every secret's value as `[REDACTED]`: as it is, as Ruby and JSON dump it, as it is in an env file, in a
 * URL, and each line of a multi-line one. Values under four characters stay.
 */
export function redact(text: string, secrets: Iterable<Secret>): string {
  const forms = new Set<string>();
  for (const secret of secrets) for (const form of formsOf(secret.reveal())) forms.add(form);
  if (forms.size === 0) return text;
  const longestFirst = [...forms].sort((a, b) => b.length - a.length);
  return text.replaceAll(new RegExp(longestFirst.map(escapeRegExp).join("|"), "g"), "[REDACTED]");
}

function formsOf(value: string): string[] {
  const trimmed = value.trim();
  if (trimmed.length < SHORTEST) return [];
  const lines = value.split(/\r?\n/).map((line) => line.trim());
  return [
    value,
    trimmed,
    encodeEnvValue(value),
    encodeEnvValue(value).replaceAll('"', '\\"'),
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(trimmed.toWellFormed()),
    ...(lines.length > 1 ? lines.filter((line) => line.length >= SHORTEST_LINE) : []),
  ];
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
