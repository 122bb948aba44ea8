import type { Facts } from "../../model/ledger.ts";
import { Failure } from "../../errors.ts";
import type { Snapshot } from "../repository/snapshot.ts";
import { type Comparison, compareFacts } from "./compare-facts.ts";
import type { RunRecord } from "./facts-file.ts";

/**
 * Compares a restored database with the record of its run. The gem recorded nothing: then all that can be said is that
 * it restored without an error, and has tables.
 * @throws Failure `facts.unreadable` where the record says nothing of this database.
 */
export function compareRestored(record: RunRecord | null, database: string, found: Facts): Comparison {
  if (record === null) {
    const tables = Object.keys(found.tables).length;
    return {
      ...compareFacts(found, found),
      differences: tables === 0 ? ["it has no tables"] : [],
      notes: ["nothing was recorded to compare with when this backup was made: it restored without an error"],
    };
  }
  return compareFacts(factsOf(record, database), found);
}

/** What a database took, in bytes; null: unknown. The gem recorded no size: it takes at least what its dump did. */
export function sizeOf(record: RunRecord | null, database: string, snapshot: Snapshot): number | null {
  return record === null ? snapshot.sizeBytes : factsOf(record, database).size_bytes;
}

/** What a run recorded of one of its databases. */
export function factsOf(record: RunRecord, database: string): Facts {
  const facts = record.facts.find((one) => one.database === database);
  if (facts !== undefined) return facts;
  throw new Failure("facts.unreadable", `the run recorded nothing of database ${database}`);
}
