import type { ManifestEdit } from "../model/topology.ts";

type Mapping = { [key: string]: unknown };

/**
 * The accessory's mapping once the edits are made. A key whose removal leaves its mapping empty takes that with it:
 * Kamal refuses an empty `labels:` or `env:`. Returns a new value.
 */
export function applyEdits(accessory: Readonly<Mapping>, edits: readonly ManifestEdit[]): Mapping {
  return edits.reduce<Mapping>((value, edit) => applyAt(value, edit.path, edit) ?? {}, { ...accessory });
}

/** Whether the edit would change nothing. Scalars are compared as text: Kamal makes texts of them. */
export function isSatisfied(accessory: unknown, edit: ManifestEdit): boolean {
  const value = edit.path.reduce<unknown>(
    (at, key) => (isMapping(at) && Object.hasOwn(at, key) ? at[key] : undefined),
    accessory,
  );
  if ("remove" in edit) return value === undefined;
  if ("contains" in edit) return Array.isArray(value) && missingItems(value, edit.contains).length === 0;
  return (
    value !== undefined && value !== null && typeof value !== "object" && String(value) === String(edit.value)
  );
}

/** What a list lacks. A path may also stand in Kamal's long form, `{local:, remote:}`. */
export function missingItems(list: readonly unknown[], items: readonly string[]): string[] {
  const there = new Set(
    list.map((item) =>
      isMapping(item) ? `${String(item["local"])}:${String(item["remote"])}` : String(item),
    ),
  );
  return items.filter((item) => !there.has(item));
}

function applyAt(value: Mapping, path: readonly string[], edit: ManifestEdit): Mapping | null {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const copy = { ...value };
  if (rest.length > 0) {
    const child = copy[key];
    if ("remove" in edit && !isMapping(child)) return copy;
    const edited = applyAt(isMapping(child) ? child : {}, rest, edit);
    if (edited === null) delete copy[key];
    else copy[key] = edited;
  } else if ("remove" in edit) {
    if (!Object.hasOwn(copy, key)) return copy;
    delete copy[key];
  } else if ("contains" in edit) {
    const list = Array.isArray(copy[key]) ? copy[key] : [];
    copy[key] = [...list, ...missingItems(list, edit.contains)];
  } else {
    copy[key] = edit.value;
  }
  return "remove" in edit && Object.keys(copy).length === 0 ? null : copy;
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
