import { isDeepStrictEqual } from "node:util";
import { isAlias, isMap } from "yaml";
import type { Pair, ParsedNode } from "yaml";
import { Failure } from "../errors.ts";
import type { ManifestEdit } from "../model/topology.ts";
import { applyEdits, isSatisfied } from "./apply-edits.ts";
import { depthAt, unevenTag } from "./erb.ts";
import { ownPair, parseManifest, rootMap, valueAt } from "./manifest.ts";
import type { Manifest } from "./manifest.ts";
import { spliceEdit } from "./splice-edit.ts";
import type { Site, Splice } from "./splice-edit.ts";
import { spliceNew } from "./splice-new.ts";
import { contentEnd, indentOf, lineEnd, lineStart } from "./yaml-place.ts";
import { blockLines } from "./yaml-text.ts";
import type { Tree } from "./yaml-text.ts";

type KeyPair = Pair<ParsedNode, ParsedNode | null>;
type Value = { readonly [key: string]: unknown };

/**
 * The text of deploy.yml with the edits made in the accessory's block, every other byte as it was; the same text when
 * they are all satisfied. An accessory that is not there is added from the edits, at the end of `accessories:`.
 * The result is read again, and nothing but what was asked may differ. Throws `manifest.refused`, with the snippet to
 * paste, where that cannot be had: ERB in or around the block, aliases, merge keys, tags, lists over several lines.
 * `exists`: Kamal resolves the accessory, so one that the text does not show is made by ERB, and is not added again.
 */
export function spliceAccessory(
  text: string,
  accessory: string,
  edits: readonly ManifestEdit[],
  options: { readonly path: string; readonly exists?: boolean },
): string {
  const refuse = (reason: string, line?: number): never => {
    throw new Failure("manifest.refused", `${options.path} is not edited: ${reason}`, {
      where: `${options.path}${line === undefined ? "" : `:${line}`}`,
      detail: snippetOf(accessory, edits),
    });
  };
  const before = read(text, refuse);
  const own = valueAt(before.value, ["accessories", accessory]);
  if (own === undefined && options.exists === true)
    refuse(`Kamal finds \`accessories.${accessory}\`, which is not written in it: ERB makes it`);
  if (own === undefined) return added(before, accessory, edits, refuse);
  if (edits.every((edit) => isSatisfied(own, edit))) return text;
  refuseErb(before, blockOf(before, accessory, refuse).pair, accessory, refuse);

  let manifest = before;
  let wanted = own as Value;
  for (const edit of edits) {
    if (isSatisfied(wanted, edit)) continue;
    const { block } = blockOf(manifest, accessory, refuse);
    wanted = applyEdits(wanted, [edit]);
    manifest = read(apply(manifest.text, spliceEdit(siteOf(manifest, refuse), block, edit)), refuse);
  }
  return checked(before, manifest, accessory, wanted, refuse);
}

/** What to paste when a block is not edited. */
function snippetOf(accessory: string, edits: readonly ManifestEdit[]): string {
  const lines = linesOf(accessory, applyEdits({}, edits) as Tree);
  const removed = edits.filter((edit) => "remove" in edit).map((edit) => `# without: ${edit.path.join(".")}`);
  return ["accessories:", ...lines, ...removed].join("\n");
}

function linesOf(accessory: string, block: Tree): string[] {
  return blockLines(accessory, block, 2, { step: 2, list: 2 });
}

type Refuse = (reason: string, line?: number) => never;

function read(text: string, refuse: Refuse): Manifest {
  const manifest = parseManifest(text);
  if ("error" in manifest) return refuse(`it cannot be parsed: ${manifest.error}`, manifest.line);
  return manifest;
}

function added(before: Manifest, accessory: string, edits: readonly ManifestEdit[], refuse: Refuse): string {
  const block = applyEdits({}, edits);
  if (Object.keys(block).length === 0) return before.text;
  const splice = spliceNew(siteOf(before, refuse), before, accessory, block as Tree);
  return checked(before, read(apply(before.text, splice), refuse), accessory, block, refuse);
}

function siteOf({ text, document }: Manifest, refuse: Refuse): Site {
  return {
    text,
    document,
    eol: text.includes("\r\n") ? "\r\n" : "\n",
    indent: indentOf(document),
    refuse: (reason, offset) => refuse(reason, lineOf(text, offset)),
  };
}

function blockOf({ text, document }: Manifest, accessory: string, refuse: Refuse) {
  const accessories = rootMap(document)?.get("accessories", true);
  const pair = isMap(accessories) ? ownPair(accessories, accessory) : undefined;
  if (pair === undefined) return refuse(`\`accessories.${accessory}\` comes from an alias or a merge key`);
  const at = lineOf(text, pair.key.range[0]);
  const block = pair.value;
  if (isAlias(block)) return refuse(`\`accessories.${accessory}\` is an alias`, at);
  if (!isMap(block)) return refuse(`\`accessories.${accessory}\` is not a mapping`, at);
  if (block.tag !== undefined) return refuse(`\`accessories.${accessory}\` has a tag`, at);
  if (block.items.length === 0) return refuse(`\`accessories.${accessory}\` is empty`, at);
  return { block, pair };
}

function refuseErb({ text, tags }: Manifest, pair: KeyPair, accessory: string, refuse: Refuse): void {
  const uneven = unevenTag(tags);
  if (uneven !== undefined) refuse("its ERB is not understood", lineOf(text, uneven.start));
  const start = lineStart(text, pair.key.range[0]);
  const end = lineEnd(text, contentEnd(text, pair));
  const inside = tags.find((tag) => tag.end > start && tag.start < end);
  if (inside !== undefined)
    refuse(`there is ERB in \`accessories.${accessory}\``, lineOf(text, inside.start));
  if (depthAt(tags, start) > 0) refuse(`ERB decides about \`accessories.${accessory}\``, lineOf(text, start));
}

function checked(before: Manifest, after: Manifest, accessory: string, block: Value, refuse: Refuse): string {
  const root = (before.value ?? {}) as Value;
  const accessories = (root["accessories"] ?? {}) as Value;
  const wanted = { ...root, accessories: { ...accessories, [accessory]: block } };
  if (!isDeepStrictEqual(after.value, wanted)) refuse("the edit would change other parts of it as well");
  return after.text;
}

function apply(text: string, splice: Splice): string {
  return text.slice(0, splice.start) + splice.text + text.slice(splice.end);
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}
