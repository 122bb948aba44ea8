import type { HbaRule } from "../../model/policy.ts";
import { isSecretRef } from "../../model/secret.ts";
import type { SecretRef } from "../../model/secret.ts";

/** A line of pg_hba.conf in parts; a secret user is a part of its own. */
export type HbaLine = readonly (string | SecretRef)[];

/** `host replication replicator 10.0.1.3/32 scram-sha-256 # replica db-replica`. */
export function renderRule(rule: HbaRule): HbaLine {
  const tail = [
    ...(rule.address === null ? [] : [rule.address]),
    rule.method,
    ...Object.entries(rule.options).map(([name, value]) => `${name}=${quoteOption(value)}`),
    ...(rule.comment === null ? [] : [`# ${oneLine(rule.comment)}`]),
  ].join(" ");
  const head = `${rule.type} ${quoteName(rule.database)} `;
  if (isSecretRef(rule.user)) return [`${head}"`, rule.user, `" ${tail}`];
  return [`${head}${quoteName(rule.user)} ${tail}`];
}

/** Keywords and lists stay bare: quotes would make them plain names. One that is quoted already stays so. */
function quoteName(name: string): string {
  return /^[\w.+@$,/-]+$/.test(name) || /^"([^"]|"")*"$/.test(name) ? name : quote(name);
}

function quoteOption(value: string): string {
  return /[\s#,"\\]/.test(value) ? quote(value) : value;
}

function quote(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

/** A backslash at the end of a line, even of a comment, joins it with the next rule. */
function oneLine(comment: string): string {
  return comment.replaceAll(/\s+/g, " ").replace(/[\\ ]+$/, "");
}

/** A rule line without its comment and with single spaces; null for a line that is no rule. */
export function normalRule(line: string): string | null {
  const bare = stripComment(line).trim().replaceAll(/\s+/g, " ");
  return bare === "" ? null : bare;
}

function stripComment(line: string): string {
  const quoted = /^(?:[^"#]|"[^"]*")*/.exec(line);
  return quoted === null ? line : quoted[0];
}
