import fc from "fast-check";
import type { LedgerRecord } from "../../../src/model/ledger.ts";

/** A record with something of one's own. */
export function aRecord(own: Partial<LedgerRecord> = {}): LedgerRecord {
  return {
    job: "backup",
    target: "db",
    repository: "offsite",
    outcome: "success",
    started_at: "2026-03-01T02:15:00.000Z",
    finished_at: "2026-03-01T02:16:00.000Z",
    trigger: { by: "hand" },
    error: null,
    details: {},
    ...own,
  };
}

/** Any record, with details of any JSON. */
export const anyRecord: fc.Arbitrary<LedgerRecord> = fc.record({
  job: fc.constantFrom("backup", "drill", "check", "prune", "restore"),
  target: fc.option(fc.string()),
  repository: fc.option(fc.string()),
  outcome: fc.constantFrom("success", "failure", "skipped", "interrupted"),
  started_at: fc.constant("2026-03-01T02:15:00.000Z"),
  finished_at: fc.constant("2026-03-01T02:16:00.000Z"),
  trigger: fc.constant({ by: "hand" } as const),
  error: fc.option(
    fc.record({ code: fc.string(), message: fc.string({ unit: "binary" }), todo: fc.string() }),
  ),
  details: fc.dictionary(fc.string(), fc.jsonValue()),
});
