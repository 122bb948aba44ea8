/**
 * The text with every one of the values replaced by `[name]`, also where a server or psql has doubled their quotes.
 * `values` is by the name to print.
 */
export function redact(text: string, values: Readonly<Record<string, string>>): string {
  const names = new Map<string, string>();
  for (const [name, value] of Object.entries(values)) {
    for (const form of [value, value.replaceAll("'", "''"), value.replaceAll('"', '""')])
      names.set(form, name);
  }
  names.delete("");
  if (names.size === 0) return text;
  const longestFirst = [...names.keys()].sort((a, b) => b.length - a.length);
  const pattern = longestFirst.map((form) => form.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join("|");
  return text.replace(new RegExp(pattern, "g"), (found) => `[${names.get(found)}]`);
}
