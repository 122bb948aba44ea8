import type { Facts, TableFacts } from "../../model/ledger.ts";

/** What came of comparing a restored database with what was recorded when it was backed up. */
export interface Comparison {
  /** In words, one for each thing that did not come back as it was; empty: everything did. */
  readonly differences: readonly string[];
  /** What is no fault of the backup, or could not be compared: versions of extensions and collations, uncounted tables. */
  readonly notes: readonly string[];
  /** How many tables came back, and how many rows were counted in them. */
  readonly tables: number;
  readonly rows: number;
}

/** Compares what was recorded with what a recount of the restored database found. */
export function compareFacts(recorded: Facts, found: Facts): Comparison {
  const counted = Object.values(found.tables);
  const comparable = (name: string): boolean =>
    (own(recorded.tables, name)?.exact ?? true) && (own(found.tables, name)?.exact ?? true);
  const uncounted = Object.keys(recorded.tables).filter((name) => !comparable(name));
  const lapsed = lapsedEvents(recorded.objects, found.objects);
  return {
    differences: [
      ...tableDifferences(recorded.tables, found.tables),
      ...objectDifferences(withoutEvents(recorded.objects, lapsed), found.objects),
      ...extensionDifferences(recorded.extensions, found.extensions),
    ],
    notes: [
      ...(lapsed === 0
        ? []
        : [`${lapsed} events did not come back: their time is over, and they end with it`]),
      ...versionNotes("extension", recorded.extensions, found.extensions),
      ...versionNotes("collation", recorded.collations, found.collations),
      ...(uncounted.length === 0
        ? []
        : [`not compared row by row, being above the limit for counting: ${uncounted.join(", ")}`]),
    ],
    tables: counted.length,
    rows: counted.reduce((sum, { rows, exact }) => sum + (exact ? rows : 0), 0),
  };
}

function tableDifferences(
  recorded: Readonly<Record<string, TableFacts>>,
  found: Readonly<Record<string, TableFacts>>,
): string[] {
  return unionOf(recorded, found).flatMap((name) => {
    const before = own(recorded, name);
    const after = own(found, name);
    if (after === undefined) return [`table ${name} did not come back`];
    if (before === undefined) return [`table ${name} was not there when the backup was made`];
    const difference = `table ${name} has ${after.rows} rows, and had ${before.exact ? "" : "about "}${before.rows}`;
    // A fresh restore has no statistics: its estimates say nothing, and an estimate is only good to tell some from none.
    if (!after.exact) return [];
    if (!before.exact) return before.rows > 0 && after.rows === 0 ? [difference] : [];
    return before.rows === after.rows ? [] : [difference];
  });
}

/**
 * Events of MySQL that the server drops once their time is over, as soon as a restore makes them; `events` counts them
 * too.
 */
const LAPSING = "lapsing events";

function lapsedEvents(
  recorded: Readonly<Record<string, number>>,
  found: Readonly<Record<string, number>>,
): number {
  return Math.max(0, (own(recorded, LAPSING) ?? 0) - (own(found, LAPSING) ?? 0));
}

function withoutEvents(
  objects: Readonly<Record<string, number>>,
  lapsed: number,
): Readonly<Record<string, number>> {
  if (lapsed === 0) return objects;
  return {
    ...objects,
    events: (own(objects, "events") ?? 0) - lapsed,
    [LAPSING]: (own(objects, LAPSING) ?? 0) - lapsed,
  };
}

function objectDifferences(
  recorded: Readonly<Record<string, number>>,
  found: Readonly<Record<string, number>>,
): string[] {
  return unionOf(recorded, found)
    .filter((kind) => (own(recorded, kind) ?? 0) !== (own(found, kind) ?? 0))
    .map((kind) => `${kind}: ${own(found, kind) ?? 0}, and there were ${own(recorded, kind) ?? 0}`);
}

function extensionDifferences(
  recorded: Readonly<Record<string, string>>,
  found: Readonly<Record<string, string>>,
): string[] {
  return unionOf(recorded, found).flatMap((name) => {
    if (!Object.hasOwn(found, name)) return [`extension ${name} did not come back`];
    if (!Object.hasOwn(recorded, name)) return [`extension ${name} was not there when the backup was made`];
    return [];
  });
}

function versionNotes(
  what: string,
  recorded: Readonly<Record<string, string>>,
  found: Readonly<Record<string, string>>,
): string[] {
  return Object.entries(recorded)
    .filter(([name, version]) => Object.hasOwn(found, name) && found[name] !== version)
    .map(([name, version]) => `${what} ${name} is ${found[name]} here, and was ${version}`);
}

function unionOf(a: object, b: object): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
}

/** A table may be called `constructor`. */
function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
