import { isMap, isScalar, parseDocument } from "yaml";
import type { Document, Pair, ParsedNode, YAMLMap } from "yaml";
import type { ErbTag } from "./erb.ts";
import { MASK, maskErb } from "./erb.ts";

/** A deploy.yml whose ERB is masked. */
export interface Manifest {
  readonly text: string;
  readonly document: Document.Parsed;
  readonly tags: readonly ErbTag[];
  /** As Kamal reads it, but for the masks; merge keys and aliases resolved. */
  readonly value: unknown;
}

type Parsed = Manifest | { readonly error: string; readonly line: number };

/** The same few texts are asked about by every accessory and key, and parsing one takes some ten milliseconds. */
const REMEMBERED = 8;
const remembered = new Map<string, Parsed>();

/** The text as YAML 1.1, like Kamal's parser; or what is wrong with it. The same object for the same text. */
export function parseManifest(text: string): Parsed {
  const parsed = remembered.get(text) ?? parse(text);
  if (remembered.size >= REMEMBERED) remembered.clear();
  remembered.set(text, parsed);
  return parsed;
}

function parse(text: string): Parsed {
  const { masked, tags } = maskErb(text);
  const document = parseDocument(masked, { version: "1.1", keepSourceTokens: true, logLevel: "error" });
  const [error] = document.errors;
  if (error !== undefined) {
    return { error: error.message.split("\n")[0] as string, line: error.linePos?.[0].line ?? 1 };
  }
  try {
    return { text, document, tags, value: unmask(document.toJS({ maxAliasCount: 1000 })) };
  } catch (cause) {
    return { error: String(cause), line: 1 };
  }
}

/** The pair of this key in the mapping itself, not one that a merge key brings. */
export function ownPair(
  map: YAMLMap<unknown, unknown>,
  key: string,
): Pair<ParsedNode, ParsedNode | null> | undefined {
  return map.items.find((pair) => isScalar(pair.key) && pair.key.value === key) as
    | Pair<ParsedNode, ParsedNode | null>
    | undefined;
}

/** The value at the path of mappings; undefined when it is not there. */
export function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, key) =>
      typeof at === "object" && at !== null && Object.hasOwn(at, key)
        ? (at as Record<string, unknown>)[key]
        : undefined,
    value,
  );
}

/** Whether ERB decides about any part of the value. */
export function isMasked(value: unknown): boolean {
  return JSON.stringify(value ?? null).includes(MASK);
}

/** The mapping under a key of the document's root, if it is one. */
export function rootMap(document: Document.Parsed): YAMLMap.Parsed | null {
  return isMap(document.contents) ? (document.contents as YAMLMap.Parsed) : null;
}

/** `<%%` is ERB's `<%`. */
function unmask(value: unknown): unknown {
  if (typeof value === "string") return value.replaceAll("<%%", "<%");
  if (Array.isArray(value)) return value.map(unmask);
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unmask(item)]));
}
