import { isAlias, isMap, isScalar, isSeq, Scalar } from "yaml";
import type { Document, Pair, ParsedNode, YAMLMap, YAMLSeq } from "yaml";
import type { ManifestEdit } from "../model/topology.ts";
import { missingItems } from "./apply-edits.ts";
import { ownPair, valueAt } from "./manifest.ts";
import {
  afterColon,
  columnOf,
  contentEnd,
  endWithComments,
  isEmpty,
  lineEnd,
  lineStart,
  nodeEnd,
} from "./yaml-place.ts";
import { blockLines, bodyLines, flowText, scalarText } from "./yaml-text.ts";
import type { Indent, Tree } from "./yaml-text.ts";

/** Replaces `text.slice(start, end)`. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Where an edit is made. */
export interface Site {
  readonly text: string;
  readonly document: Document.Parsed;
  /** The file's line ending. */
  readonly eol: string;
  readonly indent: Indent;
  /** Gives up: nothing is edited. */
  readonly refuse: (reason: string, offset: number) => never;
}

type AnyMap = YAMLMap<unknown, unknown>;
type KeyPair = Pair<ParsedNode, ParsedNode | null>;

/** The one change of the text that makes this edit in the mapping. The edit is not satisfied yet. */
export function spliceEdit(site: Site, map: AnyMap, edit: ManifestEdit): Splice {
  return "remove" in edit ? removeAt(site, map, edit.path) : writeAt(site, map, edit.path, edit);
}

/** Adds a key at the end of a mapping. */
export function insertPair(site: Site, map: AnyMap, key: string, value: Tree, blankLine = false): Splice {
  const last = map.items.at(-1) as KeyPair;
  const end = contentEnd(site.text, last);
  if (map.flow) {
    onOneLine(site, map);
    return { start: end, end, text: `, ${scalarText(key, true)}: ${flowText(value)}` };
  }
  const column = columnOf(map);
  const at = endWithComments(site.text, end, column);
  return insertLines(site, at, [...(blankLine ? [""] : []), ...blockLines(key, value, column, site.indent)]);
}

/** Gives a value to a key that has none, or an empty `{}` or `[]`. */
export function fillPair(site: Site, map: AnyMap, pair: KeyPair, value: Tree): Splice {
  const colon = afterColon(site.text, pair);
  const { value: node } = pair;
  if (node?.tag !== undefined || node?.anchor !== undefined) site.refuse("it has a tag or an anchor", colon);
  const end = node === null || isEmpty(node) ? colon : node.range[1];
  if (map.flow) onOneLine(site, map);
  if (map.flow) return { start: colon, end, text: ` ${flowText(value)}` };
  if (typeof value !== "object") return { start: colon, end, text: ` ${scalarText(value)}` };
  const eol = lineEnd(site.text, end);
  const lines = bodyLines(value, columnOf(map), site.indent);
  return {
    start: colon,
    end: eol,
    text: site.text.slice(end, eol) + lines.map((line) => site.eol + line).join(""),
  };
}

function writeAt(
  site: Site,
  map: AnyMap,
  path: readonly string[],
  edit: Exclude<ManifestEdit, { remove: true }>,
): Splice {
  const [key = "", ...rest] = path;
  const leaf: Tree = "contains" in edit ? edit.contains : edit.value;
  const pair = ownPair(map, key);
  if (pair === undefined) {
    const merged = valueAt(map.toJS(site.document), [key]);
    if (merged !== undefined) site.refuse(`\`${key}\` comes from a merge key`, map.range?.[0] ?? 0);
    return insertPair(site, map, key, nest(rest, leaf));
  }
  const { value } = pair;
  const at = pair.key.range[0];
  if (isVoid(value)) return fillPair(site, map, pair, nest(rest, leaf));
  if (isAlias(value)) site.refuse(`\`${key}\` is an alias`, at);
  if ((value as { tag?: string }).tag !== undefined) site.refuse(`\`${key}\` has a tag`, at);
  if (rest.length > 0) {
    if (!isMap(value)) return site.refuse(`\`${key}\` is not a mapping`, at);
    if (key === "env") modernEnv(site, value, at);
    return writeAt(site, value, rest, edit);
  }
  if ("contains" in edit) {
    if (!isSeq(value)) return site.refuse(`\`${key}\` is not a list`, at);
    return appendItems(site, value, missingItems(value.toJSON() as unknown[], edit.contains));
  }
  if (!isScalar(value)) return site.refuse(`\`${key}\` is not a single value`, at);
  return replaceScalar(site, map, value as Scalar.Parsed, edit.value);
}

function replaceScalar(
  site: Site,
  map: AnyMap,
  node: Scalar.Parsed,
  value: string | number | boolean,
): Splice {
  const [start, valueEnd] = node.range;
  const old = site.text.slice(start, valueEnd).trimEnd();
  const isBlock = node.type === Scalar.BLOCK_LITERAL || node.type === Scalar.BLOCK_FOLDED;
  if (isBlock && old.split("\n")[0]?.includes("#"))
    site.refuse("there is a comment in the value's first line", start);
  return { start, end: start + old.length, text: scalarText(value, map.flow === true) };
}

function appendItems(site: Site, list: YAMLSeq, items: readonly string[]): Splice {
  const end = nodeEnd(site.text, list.items.at(-1) as ParsedNode);
  if (list.flow) {
    onOneLine(site, list);
    return { start: end, end, text: items.map((item) => `, ${scalarText(item, true)}`).join("") };
  }
  const column = columnOf(list);
  const lines = items.map((item) => `${" ".repeat(column)}- ${scalarText(item)}`);
  return insertLines(site, endWithComments(site.text, end, column), lines);
}

function removeAt(site: Site, map: AnyMap, path: readonly string[]): Splice {
  let at = map;
  let holder = map;
  let key = path[0] as string;
  for (const [depth, name] of path.entries()) {
    if (depth === 0 || at.items.length > 1) [holder, key] = [at, name];
    const pair = ownPair(at, name);
    if (pair === undefined)
      return site.refuse(`\`${path.join(".")}\` comes from elsewhere`, map.range?.[0] ?? 0);
    if (depth === path.length - 1) break;
    if (!isMap(pair.value)) return site.refuse(`\`${name}\` is not a mapping of its own`, pair.key.range[0]);
    at = pair.value;
  }
  if (holder.items.length === 1)
    return site.refuse("nothing would be left of the accessory", map.range?.[0] ?? 0);
  const pair = ownPair(holder, key) as KeyPair;
  return holder.flow ? removeFromFlow(site, holder, pair) : removeLines(site, pair);
}

function removeLines(site: Site, pair: KeyPair): Splice {
  const { text } = site;
  const start = lineStart(text, pair.key.range[0]);
  const end = lineEnd(text, contentEnd(text, pair));
  if (/^\s*#/m.test(text.slice(start, end)))
    site.refuse("there are comments in what would be removed", start);
  const next = text.indexOf("\n", end);
  if (next !== -1) return { start, end: next + 1, text: "" };
  return { start: text.slice(0, start).replace(/\r?\n$/, "").length, end, text: "" };
}

function removeFromFlow(site: Site, map: AnyMap, pair: KeyPair): Splice {
  onOneLine(site, map);
  const pairs = map.items as KeyPair[];
  const index = pairs.indexOf(pair);
  const next = pairs[index + 1];
  if (next !== undefined) return { start: pair.key.range[0], end: next.key.range[0], text: "" };
  return {
    start: contentEnd(site.text, pairs[index - 1] as KeyPair),
    end: contentEnd(site.text, pair),
    text: "",
  };
}

function insertLines(site: Site, at: number, lines: readonly string[]): Splice {
  return { start: at, end: at, text: lines.map((line) => site.eol + line).join("") };
}

/** Kamal takes an `env:` without `clear:`, `secret:` or `tags:` for clear values only, and refuses a mixture. */
function modernEnv(site: Site, env: AnyMap, at: number): void {
  if (!["clear", "secret", "tags"].some((key) => ownPair(env, key) !== undefined)) {
    site.refuse("`env` is in the short form; `clear:` and `secret:` are needed", at);
  }
}

function onOneLine(site: Site, collection: AnyMap | YAMLSeq): void {
  const [start, end] = collection.range as [number, number, number];
  if (site.text.slice(start, end).includes("\n")) site.refuse("a `{}` or `[]` spans several lines", start);
}

function isVoid(node: unknown): boolean {
  if (node === null || (isScalar(node) && node.value === null)) return true;
  return (isMap(node) || isSeq(node)) && node.items.length === 0;
}

function nest(path: readonly string[], leaf: Tree): Tree {
  return path.reduceRight<Tree>((value, key) => ({ [key]: value }), leaf);
}
