/** One entry of an archive's table of contents. */
export interface TocEntry {
  /** As `pg_restore --list` wrote it, which is what `--use-list` takes. */
  readonly line: string;
  /** Type, schema, tag and owner: `TABLE DATA public users bob`. Names with spaces cannot be told apart for sure. */
  readonly body: string;
}

/** Entries of `pg_restore --list`, in their order. */
export function parseToc(list: string): TocEntry[] {
  return list.split("\n").flatMap((line) => {
    const [, body] = /^\d+; \d+ \d+ (.*)$/.exec(line) ?? [];
    return body === undefined ? [] : [{ line, body }];
  });
}

/** The tables whose data an archive has, as `schema.table`; for names with spaces every way to read them. */
export function tablesWithData(entries: readonly TocEntry[]): Set<string> {
  return new Set(entries.flatMap(readings));
}

/** A table's name as the list has it: pg_restore writes a newline in a name as a space. */
export function asListed(table: string): string {
  return table.replaceAll(/[\r\n]/g, " ");
}

/** What a partial archive cannot bring back by itself, or must not: other tables have no rows for it to rely on. */
const NEEDS_OTHER_DATA = [
  "FK CONSTRAINT ",
  "MATERIALIZED VIEW DATA ",
  "BLOB",
  "PUBLICATION",
  "SUBSCRIPTION",
  "EVENT TRIGGER ",
];

/**
 * A list for `--use-list`: every definition, the data of these tables only, and nothing that needs the data of others
 * (foreign keys, materialized views).
 * @param tables as `schema.table`.
 */
export function onlyTables(entries: readonly TocEntry[], tables: readonly string[]): string {
  const wanted = new Set(tables.map(asListed));
  const kept = entries.filter((entry) =>
    entry.body.startsWith(DATA)
      ? readings(entry).some((table) => wanted.has(table))
      : !NEEDS_OTHER_DATA.some((type) => entry.body.startsWith(type)),
  );
  return `${kept.map((entry) => entry.line).join("\n")}\n`;
}

const DATA = "TABLE DATA ";

function readings({ body }: TocEntry): string[] {
  if (!body.startsWith(DATA)) return [];
  const words = body.slice(DATA.length).split(" ");
  const names: string[] = [];
  for (let table = 1; table < words.length - 1; table++)
    for (let owner = table + 1; owner < words.length; owner++)
      names.push(`${words.slice(0, table).join(" ")}.${words.slice(table, owner).join(" ")}`);
  return names;
}
