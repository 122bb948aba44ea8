import { isScalar, parseDocument, Scalar } from "yaml";

export type Plain = string | number | boolean;
/** What a new key of deploy.yml is written from. */
export type Tree = Plain | readonly string[] | { readonly [key: string]: Tree };

/** How the neighbours are written: columns a mapping is set in by, and a list below its key. */
export interface Indent {
  readonly step: number;
  readonly list: number;
}

/**
 * A scalar as YAML text that Ruby's parser, YAML 1.1 and YAML 1.2 all read back as this very value, quoted only where
 * one of them would not. `<%` is written as ERB's `<%%`. `flow`: inside `[]` or `{}`.
 */
export function scalarText(value: Plain, flow = false): string {
  if (typeof value !== "string") return String(value);
  return quoteIfNeeded(value, flow).replaceAll("<%", "<%%");
}

/** What YAML does not print, and line separators (YAML 1.1, 4.1 and 4.2). */
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u00a0\u2028\u2029\ufeff\ufffe\uffff]/g;

function quoteIfNeeded(value: string, flow: boolean): string {
  if (isPlainSafe(value) && !(flow && /[,[\]{}]|^\?/.test(value))) return value;
  if (value.search(UNPRINTABLE) !== -1) {
    const escaped = (character: string): string =>
      `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
    return JSON.stringify(value).replaceAll(UNPRINTABLE, escaped);
  }
  return /["\\]/.test(value) ? `'${value.replaceAll("'", "''")}'` : `"${value}"`;
}

/** Texts that Ruby's Psych takes for something else although YAML 1.1 does not (lib/psych/scalar_scanner.rb). */
const NOT_TEXT = [
  /^[-+]?[\d_,]*\.?[\d_,]*(e[-+]?\d+)?$/i,
  /^[-+]?\d[\d_]*(:[0-5]?\d)+(\.[\d_]*)?$/,
  /^[-+]?0[xob]/i,
  /^\d{4}-\d\d?-\d\d?/,
  /^[:=]/,
  /^(y|n|<<)$/i,
];

function isPlainSafe(value: string): boolean {
  if (value === "" || value.trim() !== value || /[^\x20-\x7e]/.test(value)) return false;
  if (NOT_TEXT.some((pattern) => pattern.test(value))) return false;
  return (["1.1", "1.2"] as const).every((version) => {
    const document = parseDocument(`key: ${value}`, { version, logLevel: "silent" });
    const node = document.get("key", true);
    const clean = document.errors.length === 0 && document.warnings.length === 0 && document.comment === null;
    return (
      clean &&
      isScalar(node) &&
      node.type === Scalar.PLAIN &&
      node.value === value &&
      node.comment === undefined
    );
  });
}

/** Lines of a block mapping's `key: value`, the first at this column. */
export function blockLines(key: string, value: Tree, column: number, indent: Indent): string[] {
  const head = `${" ".repeat(column)}${scalarText(key)}:`;
  if (typeof value !== "object") return [`${head} ${scalarText(value)}`];
  return [head, ...bodyLines(value, column, indent)];
}

/** Lines of what stands below a key at this column. */
export function bodyLines(value: Exclude<Tree, Plain>, column: number, indent: Indent): string[] {
  if (isList(value)) return value.map((item) => `${" ".repeat(column + indent.list)}- ${scalarText(item)}`);
  return Object.entries(value).flatMap(([key, item]) => blockLines(key, item, column + indent.step, indent));
}

/** On one line, as inside `[]` or `{}`. */
export function flowText(value: Tree): string {
  if (typeof value !== "object") return scalarText(value, true);
  if (isList(value)) return `[${value.map((item) => scalarText(item, true)).join(", ")}]`;
  return `{ ${Object.entries(value)
    .map(([key, item]) => `${scalarText(key, true)}: ${flowText(item)}`)
    .join(", ")} }`;
}

function isList(value: Tree): value is readonly string[] {
  return Array.isArray(value);
}
