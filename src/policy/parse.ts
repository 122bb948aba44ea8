import { isAlias, isMap, isScalar, isSeq } from "yaml";
import type { Alias, Node, Pair, Scalar, YAMLMap } from "yaml";
import { diagnose } from "./diagnostic.ts";
import type { Diagnostic, Place } from "./diagnostic.ts";
import type { Located, LocatedEntry } from "./located.ts";
import { readSyntax } from "./syntax.ts";
import type { Syntax } from "./syntax.ts";

/** More values than any policy has: only aliases of aliases get there. */
const MAX_VALUES = 20_000;

export interface Parsed {
  /** Null when the text is not one map, or is so broken that its values say nothing. */
  readonly root: Located | null;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Text of a policy to values with places. Anchors, aliases and merge keys are worked out; tags, directives, duplicate
 * keys and further documents are errors. Never throws, whatever the text. A file without any value is an empty map.
 */
export function parsePolicy(file: string, text: string): Parsed {
  const syntax = readSyntax(file, text);
  const faults = syntax.faults.map(({ place, message, ...hints }) =>
    diagnose("error", place, "", message, hints),
  );
  if (syntax.broken) return { root: null, diagnostics: faults };
  const start = syntax.place(0, 1);
  const empty: Located = { kind: "map", place: start, entries: new Map() };
  const contents = (syntax.document?.contents ?? null) as Node | null;
  if (contents === null) return { root: empty, diagnostics: faults };
  const walk = new Walk(syntax.place);
  const root = walk.value(contents, start);
  const diagnostics = [...faults, ...walk.diagnostics];
  if (root.kind === "map") return { root, diagnostics };
  if (root.kind === "scalar" && root.value === null && diagnostics.length === 0)
    return { root: empty, diagnostics };
  const wrong = diagnose("error", root.place, "", "a policy is a map", {
    expected: "`version: 1` and other keys",
  });
  return { root: null, diagnostics: [...diagnostics, wrong] };
}

/** One walk over a document's nodes: what it found wrong, and how many values it has made. */
class Walk {
  readonly diagnostics: Diagnostic[] = [];
  readonly #place: Syntax["place"];
  /** Nodes that are being walked: an alias of one of them would never end. */
  readonly #open = new Set<Node>();
  /** The latest node of each anchor's name. */
  readonly #anchors = new Map<string, Node>();
  /** What each alias meant where it was written; undefined where nothing was. */
  readonly #targets = new Map<Alias, Node | undefined>();
  readonly #anchored = new Set<Node>();
  #values = 0;

  constructor(place: Syntax["place"]) {
    this.#place = place;
  }

  /** `around` is the place of an empty value: its key's. */
  value(node: Node | null, around: Place): Located {
    this.#values++;
    const place = this.#placeOf(node) ?? around;
    const nothing: Located = { kind: "scalar", place, value: null };
    if (node === null) return nothing;
    if (this.#values > MAX_VALUES) {
      if (this.#values === MAX_VALUES + 1) {
        this.#refuse(
          place,
          `the file holds more than ${MAX_VALUES} values, those of aliases counted at each use`,
        );
      }
      return nothing;
    }
    if (isAlias(node)) return this.#alias(node, place);
    this.#noteAnchor(node);
    if (node.tag !== undefined) {
      this.#refuse(place, "a tag (`!…`) does not belong into a policy", "the plain value");
    }
    if (isScalar(node))
      return { kind: "scalar", place: isEmpty(node) ? around : place, value: this.#scalar(node, place) };
    this.#open.add(node);
    const located = isMap(node) ? this.#map(node, place) : this.#list(node, place);
    this.#open.delete(node);
    return located;
  }

  #list(node: Node, place: Place): Located {
    const items = isSeq(node) ? node.items.map((item) => this.value(item as Node | null, place)) : [];
    return { kind: "list", place, items };
  }

  #map(node: YAMLMap, place: Place): Located {
    const entries = new Map<string, LocatedEntry>();
    const merged: [string, LocatedEntry][] = [];
    for (const pair of node.items as Pair<Node, Node | null>[]) {
      if (!isScalar(pair.key) || typeof pair.key.value !== "string") continue;
      const keyPlace = this.#placeOf(pair.key) ?? place;
      const value = this.value(pair.value, keyPlace);
      const isMerge = pair.key.value === "<<" && pair.key.type === "PLAIN";
      if (isMerge) merged.push(...this.#merge(value));
      else entries.set(pair.key.value, { keyPlace, value });
    }
    for (const [key, entry] of merged) if (!entries.has(key)) entries.set(key, entry);
    return { kind: "map", place, entries };
  }

  /** The entries that `<<:` brings, the first of a name first (yaml.org/type/merge.html). */
  #merge(value: Located): [string, LocatedEntry][] {
    if (value.kind === "map") return [...value.entries];
    if (value.kind === "list") return value.items.flatMap((item) => this.#merge(item));
    this.#refuse(value.place, "`<<` merges a map", "an alias of a map, or a list of them");
    return [];
  }

  #alias(alias: Alias, place: Place): Located {
    if (!this.#targets.has(alias)) this.#targets.set(alias, this.#anchors.get(alias.source));
    const target = this.#targets.get(alias);
    if (target !== undefined && !this.#open.has(target)) return this.value(target, place);
    this.#refuse(
      place,
      target === undefined ? "no anchor of this name stands above" : "this alias contains itself",
      target === undefined ? "`&name` before `*name`" : undefined,
    );
    return { kind: "scalar", place, value: null };
  }

  #noteAnchor(node: Exclude<Node, Alias>): void {
    if (node.anchor === undefined || this.#anchored.has(node)) return;
    this.#anchored.add(node);
    this.#anchors.set(node.anchor, node);
  }

  #scalar(node: Scalar, place: Place): string | number | boolean | null {
    const { value } = node;
    if (typeof value === "number" && !Number.isFinite(value)) {
      this.#refuse(place, "this is not a finite number");
      return null;
    }
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
    return null;
  }

  #placeOf(node: Node | null): Place | undefined {
    return node?.range ? this.#place(node.range[0], node.range[1]) : undefined;
  }

  #refuse(place: Place, message: string, expected?: string): void {
    this.diagnostics.push(diagnose("error", place, "", message, { expected }));
  }
}

function isEmpty(node: Scalar): boolean {
  return (
    node.value === null && node.range !== undefined && node.range !== null && node.range[0] === node.range[1]
  );
}
