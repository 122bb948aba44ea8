import { digest } from "../../model/canonical.ts";
import type { LedgerEntry, LedgerRecord } from "../../model/ledger.ts";

/** What the first entry of a ledger has for the hash of the one before. */
export const NO_HASH = "0".repeat(64);

/** The record as the line that follows that entry (null: it is the first). */
export function chained(record: LedgerRecord, before: Pick<LedgerEntry, "seq" | "hash"> | null): LedgerEntry {
  const entry = { ...record, seq: (before?.seq ?? 0) + 1, prev: before?.hash ?? NO_HASH };
  return { ...entry, hash: hashOf(entry) };
}

/** SHA-256 of the canonical JSON of an entry without its hash. Counts what a JSON text of it would hold. */
export function hashOf(entry: Omit<LedgerEntry, "hash">): string {
  const { hash: _, ...rest } = JSON.parse(JSON.stringify(entry)) as LedgerEntry;
  return digest(rest);
}
