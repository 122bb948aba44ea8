import { isMap, isPair, isScalar, isSeq, visit } from "yaml";
import type { Document, Pair, ParsedNode, YAMLMap, YAMLSeq } from "yaml";
import type { Indent } from "./yaml-text.ts";

type BlockToken = { readonly indent: number };

export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf("\n", offset - 1) + 1;
}

/** Offset of the line's end, before its `\n` or `\r\n`. */
export function lineEnd(text: string, offset: number): number {
  const newline = text.indexOf("\n", offset);
  const end = newline === -1 ? text.length : newline;
  return end > offset && text[end - 1] === "\r" ? end - 1 : end;
}

/** Column of a block collection, counted from 0. */
export function columnOf(collection: YAMLMap | YAMLSeq): number {
  return (collection.srcToken as unknown as BlockToken).indent;
}

/** Just after the colon of a pair of a mapping. */
export function afterColon(text: string, pair: Pair<ParsedNode, unknown>): number {
  return text.indexOf(":", pair.key.range[1]) + 1;
}

/** Just after the last character of the value: comments and blank lines that follow are not part of it. */
export function contentEnd(text: string, pair: Pair<ParsedNode, ParsedNode | null>): number {
  const { value } = pair;
  return value === null || isEmpty(value) ? afterColon(text, pair) : nodeEnd(text, value);
}

/** Nothing is written: `key:`. */
export function isEmpty(node: unknown): boolean {
  return isScalar(node) && node.value === null && (node.source ?? "") === "";
}

/** Just after the last character of a node that is written. */
export function nodeEnd(text: string, node: ParsedNode): number {
  if ((isMap(node) || isSeq(node)) && !node.flow) {
    const last = node.items.at(-1) as ParsedNode | Pair<ParsedNode, ParsedNode | null> | undefined;
    if (isPair(last)) return contentEnd(text, last as Pair<ParsedNode, ParsedNode | null>);
    if (last !== undefined) return nodeEnd(text, last as ParsedNode);
  }
  return node.range[0] + text.slice(node.range[0], node.range[1]).trimEnd().length;
}

/**
 * The end of the line that `offset` is on, or of the comments right below it that are set in at least to this column:
 * they belong to what stands there. ERB runs in comments too, so those that hold it are not passed.
 */
export function endWithComments(text: string, offset: number, column: number): number {
  let end = lineEnd(text, offset);
  for (;;) {
    const comment = /^\r?\n([ \t]*)#.*?(?=\r?\n|$)/.exec(text.slice(end));
    if (comment === null || (comment[1] as string).length < column || comment[0].includes("<%")) return end;
    end += comment[0].length;
  }
}

/** How mappings and lists of the accessories are set in; where there are none, those of the whole file; else by two. */
export function indentOf(document: Document.Parsed): Indent {
  const all = (node: unknown): Indent[] => {
    const found: Indent[] = [];
    visit(node as never, {
      Pair(_, pair, path) {
        const map = path.at(-1);
        const { value } = pair;
        if (!isMap(map) || map.flow) return;
        if (isMap(value) && !value.flow) found.push({ step: columnOf(value) - columnOf(map), list: -1 });
        if (isSeq(value) && !value.flow) found.push({ step: -1, list: columnOf(value) - columnOf(map) });
      },
    });
    return found;
  };
  const found = [...all(document.get("accessories", true) ?? null), ...all(document.contents)];
  const step = found.find((indent) => indent.step > 0)?.step ?? 2;
  return { step, list: found.find((indent) => indent.list >= 0)?.list ?? step };
}
