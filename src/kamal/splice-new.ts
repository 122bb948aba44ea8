import { isMap, isScalar } from "yaml";
import type { Pair, ParsedNode } from "yaml";
import { depthAt, standsAlone, unevenTag } from "./erb.ts";
import type { ErbTag } from "./erb.ts";
import { ownPair, rootMap } from "./manifest.ts";
import type { Manifest } from "./manifest.ts";
import { fillPair, insertPair } from "./splice-edit.ts";
import type { Site, Splice } from "./splice-edit.ts";
import { contentEnd, lineEnd } from "./yaml-place.ts";
import { blockLines } from "./yaml-text.ts";
import type { Tree } from "./yaml-text.ts";

type KeyPair = Pair<ParsedNode, ParsedNode | null>;

/** The change of the text that adds an accessory at the end of `accessories:`, which is made when it is missing. */
export function spliceNew(site: Site, manifest: Manifest, accessory: string, block: Tree): Splice {
  const { text } = site;
  const { document, tags } = manifest;
  const doubtful =
    unevenTag(tags) ?? tags.find((tag) => standsAlone(text, tag) && text.startsWith("<%=", tag.start));
  if (doubtful !== undefined)
    site.refuse("its ERB is not understood: it may make accessories", doubtful.start);
  const root = rootMap(document);
  if (root === null && document.contents !== null && !isNothing(document.contents))
    site.refuse("it is not a mapping", 0);
  const pair = root === null ? undefined : ownPair(root, "accessories");
  if (root === null || pair === undefined) return atTheEnd(site, { [accessory]: block });
  const { value } = pair;
  if (value === null || isNothing(value)) return fillPair(site, root, pair, { [accessory]: block });
  if (!isMap(value)) return site.refuse("`accessories` is not a mapping of its own", pair.key.range[0]);
  const pairs = value.items as KeyPair[];
  return afterErb(text, tags, insertPair(site, value, accessory, block, hasBlankLines(text, pairs)));
}

function atTheEnd({ text, eol, indent }: Site, accessories: Tree): Splice {
  const gap = text === "" ? "" : text.endsWith("\n") ? eol : eol + eol;
  const lines = blockLines("accessories", accessories, 0, indent);
  return { start: text.length, end: text.length, text: gap + lines.join(eol) + eol };
}

/** Behind the `<% end %>` where ERB decides about the last accessory. */
function afterErb(text: string, tags: readonly ErbTag[], splice: Splice): Splice {
  if (depthAt(tags, splice.start) === 0) return splice;
  const closing = tags.find((tag) => tag.start >= splice.start && depthAt(tags, tag.end) === 0) as ErbTag;
  const at = lineEnd(text, closing.end);
  return { ...splice, start: at, end: at };
}

/** The accessories are set apart by blank lines. */
function hasBlankLines(text: string, pairs: readonly KeyPair[]): boolean {
  const [previous, last] = pairs.slice(-2);
  if (previous === undefined || last === undefined) return false;
  return /\n[ \t\r]*\n/.test(text.slice(contentEnd(text, previous), last.key.range[0]));
}

function isNothing(node: ParsedNode): boolean {
  return isMap(node) ? node.items.length === 0 : isScalar(node) && node.value === null;
}
