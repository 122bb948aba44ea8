import type { Facts, TableFacts } from "../../model/ledger.ts";

/** How many tables are named; a dropped schema may have thousands. */
const NAMED = 10;

/**
 * Tables that had rows in the run before and are not there any more: a line a database, in words. A migration does that,
 * and so does a mistake: the backup is good, but retention will let the last one go that has them.
 * @param run that `before` was recorded of
 */
export function goneTables(run: string, before: readonly Facts[], now: readonly Facts[]): string[] {
  return now.flatMap(({ database, tables }) => {
    const recorded = before.find((one) => one.database === database)?.tables ?? {};
    const gone = Object.entries(recorded).filter(
      ([name, { rows }]) => rows > 0 && !Object.hasOwn(tables, name),
    );
    if (gone.length === 0) return [];
    const more = gone.length > NAMED ? ` and ${gone.length - NAMED} more` : "";
    const names = gone.slice(0, NAMED).map(wordsOf).join(", ");
    return `database ${database}: gone since run ${run} are tables that had rows: ${names}${more}. That run has them until retention forgets it`;
  });
}

function wordsOf([name, { rows, exact }]: readonly [string, TableFacts]): string {
  return `${name} (${exact ? "" : "about "}${rows})`;
}
