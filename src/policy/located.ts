import type { Place } from "./diagnostic.ts";

/** A value of a policy with the place that it was written at, aliases and merge keys worked out. */
export type Located = LocatedMap | LocatedList | LocatedScalar;

export interface LocatedMap {
  readonly kind: "map";
  readonly place: Place;
  readonly entries: ReadonlyMap<string, LocatedEntry>;
}

export interface LocatedEntry {
  /** Where the key stands. */
  readonly keyPlace: Place;
  readonly value: Located;
}

export interface LocatedList {
  readonly kind: "list";
  readonly place: Place;
  readonly items: readonly Located[];
}

export interface LocatedScalar {
  readonly kind: "scalar";
  readonly place: Place;
  readonly value: string | number | boolean | null;
}

/** Keys and list indexes from the root. */
export type Path = readonly (string | number)[];

/** `databases.db.pg_hba[0].address`. */
export function showPath(path: Path): string {
  return path.reduce<string>(
    (shown, step) =>
      typeof step === "number" ? `${shown}[${step}]` : shown === "" ? step : `${shown}.${step}`,
    "",
  );
}

/** The value at a path, or undefined where there is none. */
export function valueAt(root: Located, path: Path): Located | undefined {
  return path.reduce<Located | undefined>((node, step) => {
    if (node?.kind === "map") return node.entries.get(String(step))?.value;
    return node?.kind === "list" ? node.items[Number(step)] : undefined;
  }, root);
}

/** Where the key at the end of the path stands; for a list's item, and for the root, where the value stands. */
export function keyPlaceAt(root: Located, path: Path): Place {
  const parent = valueAt(root, path.slice(0, -1));
  const entry = parent?.kind === "map" ? parent.entries.get(String(path.at(-1))) : undefined;
  return entry?.keyPlace ?? valuePlaceAt(root, path);
}

/** Where the value at the path stands, or the nearest value around it. An empty value has the place of its key. */
export function valuePlaceAt(root: Located, path: Path): Place {
  for (let length = path.length; length > 0; length--) {
    const node = valueAt(root, path.slice(0, length));
    if (node !== undefined) return node.place;
  }
  return root.place;
}

/** The value without places. Maps have no prototype: a key may be any text. */
export function toPlain(node: Located): unknown {
  if (node.kind === "scalar") return node.value;
  if (node.kind === "list") return node.items.map(toPlain);
  const plain: Record<string, unknown> = Object.create(null);
  for (const [key, { value }] of node.entries) plain[key] = toPlain(value);
  return plain;
}

/**
 * Merges a destination's file over the base as Kamal merges deploy.yml (ActiveSupport's Hash#deep_merge): maps deep,
 * everything else replaced, also by an empty value. Each value keeps the place that it came from.
 */
export function overlay(base: Located, over: Located): Located {
  if (base.kind !== "map" || over.kind !== "map") return over;
  const entries = new Map(base.entries);
  for (const [key, entry] of over.entries) {
    const below = entries.get(key);
    const deep = below?.value.kind === "map" && entry.value.kind === "map";
    entries.set(key, deep ? { keyPlace: below.keyPlace, value: overlay(below.value, entry.value) } : entry);
  }
  return { ...base, entries };
}
