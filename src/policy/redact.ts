import type { Place } from "./diagnostic.ts";
import type { Located } from "./located.ts";
import { editDistance } from "./suggest.ts";

const MASK = "[REDACTED]";
const SECRET_WORD = /(?:^|[_.-])(?:key|token|secret|passwd|passphrase|password)$/i;
const SECRET_SUFFIX = /(?:KEY|TOKEN|SECRET|PASSWORD)\W*$/;
const SECRET_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** A key at the start of a line, in block style. */
const KEY_LINE = /^(\s*(?:- +)*)["']?([\w.-]+)["']?\s*:(?=\s|$)/;
/** Such a key anywhere, as in `{ password: x }`, with its value up to the next comma or brace. */
const INLINE =
  /((?<!\w)["']?\w*(?:key|token|secret|password)["']?\s*:\s*)("(?:\\.|[^"\\])*"?|'(?:''|[^'])*'?|(?![{[&*])[^\s,{}[\]][^,{}[\]]*)/gi;
const URL_PASSWORD = /(:\/\/[^/\s:@]*:)([^/\s@]+)(?=@)/g;
const ASSIGNMENT = /((?:password|secret|token)=)([^\s"'&]+)/gi;

/** Whether a key of this name holds a secret, also where `password` is misspelt. */
export function isSecretKey(key: string | number): boolean {
  if (typeof key === "number") return false;
  return SECRET_WORD.test(key) || SECRET_SUFFIX.test(key) || editDistance(key.toLowerCase(), "password") <= 2;
}

/** A user name and password in an address: `https://user:password@host`. */
export function hasUrlPassword(text: string): boolean {
  return text.search(URL_PASSWORD) !== -1;
}

/** The places of every literal where only a secret's name belongs. */
export function literalSecrets(node: Located, inSecret = false): readonly Place[] {
  if (node.kind === "scalar") return inSecret && node.value !== null ? [node.place] : [];
  if (node.kind === "list") return node.items.flatMap((item) => literalSecrets(item, inSecret));
  return [...node.entries].flatMap(([key, { keyPlace, value }]) => {
    const isName = key === "secret" && value.kind === "scalar" && SECRET_NAME.test(String(value.value));
    if (isName) return [];
    const stray = inSecret && key !== "secret" ? [keyPlace] : [];
    return [...stray, ...literalSecrets(value, inSecret || isSecretKey(key))];
  });
}

/** Part of a line: from one column to another, counted from 0, the end left out. */
type Span = readonly [from: number, to: number];

/** A line with its secrets masked, and where a column of the line as written has gone to (both from 1). */
export interface ShownLine {
  readonly text: string;
  readonly columnOf: (column: number) => number;
}

/**
 * A line of a policy as it may be shown: what is, or may be, a secret is masked. `literals` are places known to hold
 * one; null: the file is no YAML, and whatever follows the name of a secret may be one.
 */
export function redactLine(
  lines: readonly string[],
  number: number,
  literals: readonly Place[] | null,
): ShownLine {
  const line = lines[number - 1] ?? "";
  const known = (literals ?? suspects(line, number)).map(
    ({ column, length }): Span => [column - 1, column - 1 + length],
  );
  return mask(line, [...secretSpans(lines, number - 1), ...inlineSpans(line), ...known]);
}

/** Everything behind the name of a secret, where that is not plainly `{ secret: NAME }`. */
function suspects(line: string, number: number): readonly Place[] {
  const plain = line.replaceAll(/\{ *secret: *\w+ *\}/g, (reference) => " ".repeat(reference.length));
  const word = /(?:KEY|TOKEN|SECRET|PASSWORD|\b(?:key|token|secret|passw\w*|passphrase))\b/.exec(plain);
  const from = word === null ? -1 : word.index + word[0].length;
  const hasMore = word !== null && /\w/.test(plain.slice(from)) && !namesSecret(line);
  return hasMore ? [{ file: "", line: number, column: from + 1, length: line.length - from }] : [];
}

/** Text as it may be shown: passwords in addresses, assignments and inline keys are masked. */
export function redactText(text: string): string {
  return mask(text, inlineSpans(text)).text;
}

function mask(line: string, spans: readonly Span[]): ShownLine {
  const merged: [from: number, to: number][] = [];
  for (const [from, to] of [...spans].sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else if (to > from) merged.push([from, to]);
  }
  const text = merged.reduceRight(
    (masked, [from, to]) => masked.slice(0, from) + MASK + masked.slice(to),
    line,
  );
  const columnOf = (column: number) =>
    merged.reduce((shifted, [from, to]) => {
      if (column - 1 >= to) return shifted + MASK.length - (to - from);
      return column - 1 > from ? shifted - (column - 1 - from) : shifted;
    }, column);
  return { text, columnOf };
}

/** What the keys at the starts of lines, this one and those above, say is secret of a line. */
function secretSpans(lines: readonly string[], index: number): readonly Span[] {
  const line = lines[index] ?? "";
  if (line.trim() === "" || namesSecret(line)) return [];
  if (isInsideSecret(lines, index)) return [[indentOf(line), line.length]];
  const [all, , key = ""] = KEY_LINE.exec(line) ?? [""];
  const rest = line.slice(all.length).trim();
  if (!isSecretKey(key) || rest === "" || /^(\{[^{}]*\}|\*\w+)\s*(#.*)?$/.test(rest)) return [];
  return [[line.length - line.slice(all.length).trimStart().length, line.length]];
}

/** What is secret of a text by itself, wherever it stands. */
function inlineSpans(text: string): readonly Span[] {
  const found = [...text.matchAll(URL_PASSWORD), ...text.matchAll(ASSIGNMENT), ...text.matchAll(INLINE)];
  return found.flatMap((match): Span[] => {
    const [, key = "", value = ""] = match;
    if (/secret["']?\s*:\s*$/i.test(key) && SECRET_NAME.test(value.trim())) return [];
    const from = match.index + key.length;
    return [[from, from + value.trimEnd().length]];
  });
}

/** `secret: NAME`, alone on its line or in braces. */
function namesSecret(line: string): boolean {
  return /^\s*(["']?[\w.-]+["']?\s*:\s*)?(\{\s*)?["']?secret["']?\s*:\s*["']?[A-Za-z_]\w*["']?\s*(\}\s*)?(#.*)?$/.test(
    line,
  );
}

/** Whether a line stands below a key of a secret, as part of its value. */
function isInsideSecret(lines: readonly string[], index: number): boolean {
  let isKey = KEY_LINE.test(lines[index] ?? "");
  let depth = indentOf(lines[index] ?? "");
  for (let above = index - 1; above >= 0; above--) {
    const line = lines[above] ?? "";
    if (line.trim() === "") continue;
    if (!isKey && /(key|token|secret|password)["']?\s*:\s*$/i.test(line)) return true;
    const match = KEY_LINE.exec(line);
    if (match === null || (isKey && indentOf(line) >= depth)) continue;
    if (isSecretKey(match[2] ?? "")) return true;
    isKey = true;
    depth = Math.min(depth, indentOf(line));
  }
  return false;
}

function indentOf(line: string): number {
  return /^[\s-]*/.exec(line)?.[0].length ?? 0;
}
