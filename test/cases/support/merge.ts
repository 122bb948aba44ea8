type Json = { readonly [key: string]: unknown };

/**
 * What a case lays over what is there. Mappings merge, all else is replaced, but for a mapping of one of these keys:
 * `$set` replaces the whole value; `$add` appends to a list; `$drop` takes keys out of a mapping or items out of a
 * list; `$edit` is a list of `{replace, with}` for a text, each of which must be there exactly once.
 */
export function merge(base: unknown, over: unknown): unknown {
  if (!isJson(over)) return over;
  if ("$set" in over) return over["$set"];
  if ("$edit" in over) return edited(String(base), over["$edit"] as readonly TextEdit[]);
  if ("$add" in over || "$drop" in over) return changedMembers(base, over);
  const start = isJson(base) ? base : {};
  const result: Record<string, unknown> = { ...start };
  for (const [key, value] of Object.entries(over)) result[key] = merge(start[key], value);
  return result;
}

export interface TextEdit {
  readonly replace: string;
  readonly with: string;
}

/** The text with each of the edits made; throws where one's text is not there exactly once. */
export function edited(text: string, edits: readonly TextEdit[]): string {
  return edits.reduce((all, edit) => {
    const parts = all.split(edit.replace);
    if (parts.length !== 2)
      throw new Error(`${JSON.stringify(edit.replace)} is there ${parts.length - 1} times in:\n${all}`);
    return parts.join(edit.with);
  }, text);
}

function changedMembers(base: unknown, over: Json): unknown {
  const gone = (over["$drop"] ?? []) as readonly string[];
  const more = over["$add"] ?? [];
  if (Array.isArray(base)) {
    const absent = gone.filter((item) => !base.includes(item));
    if (absent.length > 0) throw new Error(`${absent.join(", ")} is not in ${JSON.stringify(base)}`);
    return [...base.filter((item) => !gone.includes(item)), ...(more as readonly unknown[])];
  }
  const members = Object.entries((base ?? {}) as Json).filter(([key]) => !gone.includes(key));
  return Object.fromEntries([...members, ...Object.entries(more as Json)]);
}

function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
