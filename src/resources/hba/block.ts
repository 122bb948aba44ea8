import { digest } from "../../model/canonical.ts";
import { normalRule } from "./rule.ts";

const BEGIN = "# BEGIN kamal-backup";
const END = "# END kamal-backup";

/** pg_hba.conf in three parts. */
export interface HbaFile {
  readonly before: readonly string[];
  /** The managed block without its markers; null when there is none. */
  readonly block: readonly string[] | null;
  /** What the begin marker says of the last apply. */
  readonly stamp: HbaStamp | null;
  readonly after: readonly string[];
}

export interface HbaStamp {
  /** Of the block's lines. */
  readonly applied: string;
  /** Of every rule outside the block, in order. */
  readonly outside: readonly string[];
}

/** Null when the markers are not one begin before one end: somebody broke the block. */
export function parseHba(text: string): HbaFile | null {
  const lines = text.split("\n");
  const begins = indexes(lines, (line) => line.startsWith(BEGIN));
  const ends = indexes(lines, (line) => line.startsWith(END));
  const [begin] = begins;
  const [end] = ends;
  if (begin === undefined && end === undefined) return { before: [], block: null, stamp: null, after: lines };
  if (begin === undefined || end === undefined || begins.length > 1 || ends.length > 1 || begin > end)
    return null;
  return {
    before: lines.slice(0, begin),
    block: lines.slice(begin + 1, end),
    stamp: parseStamp(lines[begin] as string),
    after: lines.slice(end + 1),
  };
}

/**
 * The file with its block put in or replaced; `block` null takes it out. A new block stands before the first rule:
 * the first match wins, and a broader rule in front would shadow ours. Every other line stays as it is.
 */
export function renderHba(file: HbaFile, block: readonly string[] | null): string {
  const outside = [...file.before, ...file.after];
  if (block === null) return outside.join("\n");
  const managed = [beginLine(block, outside), ...block, END];
  if (file.block !== null) return [...file.before, ...managed, ...file.after].join("\n");
  const firstRule = outside.findIndex((line) => normalRule(line) !== null);
  const at = firstRule === -1 ? Math.max(0, outside.length - 1) : firstRule;
  return [...outside.slice(0, at), ...managed, ...outside.slice(at)].join("\n");
}

/** Hash of the block's lines, 12 hexadecimal digits. */
export function blockHash(block: readonly string[]): string {
  return digest(block).slice(0, 12);
}

/** Hash of a rule outside the block, 6 hexadecimal digits: enough to tell which rules are new. */
export function ruleHash(rule: string): string {
  return digest(rule).slice(0, 6);
}

/** The rules outside the block, normalised, in order. */
export function outsideRules(file: HbaFile): string[] {
  return [...file.before, ...file.after].map(normalRule).filter((rule) => rule !== null);
}

function beginLine(block: readonly string[], outside: readonly string[]): string {
  const rules = outside.map(normalRule).filter((rule) => rule !== null);
  return `${BEGIN} applied=${blockHash(block)} outside=${rules.map(ruleHash).join(",")} (from backup-policy.yml: edit that instead)`;
}

function parseStamp(line: string): HbaStamp | null {
  const match = / applied=([0-9a-f]+) outside=([0-9a-f,]*) /.exec(line);
  if (match === null) return null;
  return {
    applied: match[1] as string,
    outside: (match[2] as string).split(",").filter((hash) => hash !== ""),
  };
}

function indexes(lines: readonly string[], matches: (line: string) => boolean): number[] {
  return lines.flatMap((line, index) => (matches(line) ? [index] : []));
}
