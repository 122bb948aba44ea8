import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import { evidenceOf } from "../../../src/agent/evidence/evidence.ts";
import type { Findings } from "../../../src/agent/evidence/evidence.ts";
import { evidenceText } from "../../../src/agent/evidence/text.ts";
import { chained } from "../../../src/agent/ledger/chain.ts";
import { verifyLedger } from "../../../src/agent/ledger/verify.ts";
import { recordOf } from "../../../src/agent/record.ts";
import { redactor } from "../../../src/agent/redactor.ts";
import { scheduledJobs } from "../../../src/agent/schedule/jobs.ts";
import { adopt } from "../../../src/agent/schedule/marks.ts";
import { Failure } from "../../../src/errors.ts";
import type { LedgerEntry, LedgerRecord } from "../../../src/model/ledger.ts";
import schema from "../../../schemas/evidence.v1.schema.json" with { type: "json" };
import { aRecord } from "./a-ledger-record.ts";
import { aDatabase, aPolicy, someFiles } from "./an-agent-policy.ts";

const POLICY = aPolicy([aDatabase("db", {}, "0 4 * * 0"), someFiles("storage")]);
const IDENTITY = { version: "0.1.0", policy: POLICY, policyHash: "ab".repeat(32) };

function chain(records: readonly LedgerRecord[]): LedgerEntry[] {
  const entries: LedgerEntry[] = [];
  for (const record of records) entries.push(chained(record, entries.at(-1) ?? null));
  return entries;
}

function findings(records: readonly LedgerRecord[], at: string, ids: readonly string[] = []): Findings {
  const entries = chain(records);
  return {
    at: new Date(at),
    tools: { restic: "0.19.1", sqlite3: null },
    ledger: verifyLedger(entries.map((entry) => `${JSON.stringify(entry)}\n`).join("")),
    entries: entries.toReversed(),
    marks: adopt({}, scheduledJobs(POLICY), new Date("2026-02-20T12:00Z")),
    snapshots: new Map([
      [
        "db",
        {
          evidence: { runs: 2, newest: { run: "2026-03-01T01:15:02Z", time: "2026-03-01T01:15:02.000Z" } },
          ids: new Set(ids),
        },
      ],
    ]),
  };
}

/** The backup of that night. */
function night(day: string, own: Partial<LedgerRecord> = {}): LedgerRecord {
  return aRecord({
    started_at: `${day}T01:15:02.000Z`,
    finished_at: `${day}T01:20:00.000Z`,
    trigger: { by: "schedule", slot: `${day}T01:15:00.000Z` },
    ...own,
  });
}

function aDrill(seconds: number, own: Partial<LedgerRecord> = {}, stand_in: string | null = null) {
  const assertions = [{ passed: true }, { passed: true }];
  const details = { seconds, run: "2026-03-01T01:15:02Z", stand_in, assertions };
  return aRecord({ job: "drill", details, ...own });
}

const error = { code: "drill.failed", message: "m", todo: "t" };
const RECORDS = [
  night("2026-02-21"),
  night("2026-02-22"),
  night("2026-02-23", { outcome: "failure", error }),
  night("2026-02-25"),
  aDrill(100),
  aDrill(300, {}, "MariaDB 11.8.6 in the place of MySQL"),
  aRecord({ job: "check", target: null, details: { read_data: "5%" } }),
  aRecord({ job: "check", target: null, details: { read_data: null } }),
  night("2026-02-26", { details: { warnings: [], notices: ["gone: orders"] } }),
];

test("gaps, recovery points and recovery times, against the objectives", () => {
  const evidence = evidenceOf(IDENTITY, findings(RECORDS, "2026-02-26T12:00Z"));
  const [db, storage] = evidence.targets;
  expect(db).toMatchObject({
    name: "db",
    type: "postgres",
    snapshots: { runs: 2 },
    last_successful_backup: { seq: 9, outcome: "success" },
    last_check: { seq: 8, read_data: null },
    last_data_check: { seq: 7, read_data: "5%" },
    gaps: [{ from: "2026-02-23T01:15:00.000Z", until: "2026-02-25T01:15:02.000Z" }],
    rpo: { objective_seconds: 86_400, achieved_seconds: 3 * 86_400, met: false },
    rto: { objective_seconds: 1800, last_seconds: 300, longest_seconds: 300, met: true },
  });
  expect(
    db?.drills.map(({ seq, seconds, assertions, stand_in }) => ({ seq, seconds, assertions, stand_in })),
  ).toEqual([
    {
      seq: 6,
      seconds: 300,
      assertions: { passed: 2, failed: 0 },
      stand_in: "MariaDB 11.8.6 in the place of MySQL",
    },
    { seq: 5, seconds: 100, assertions: { passed: 2, failed: 0 }, stand_in: null },
  ]);
  // Never backed up since its schedule is in force, five nights ago.
  expect(storage).toMatchObject({
    snapshots: null,
    last_backup: null,
    gaps: [{ from: "2026-02-21T01:15:00.000Z", until: null }],
    rpo: { achieved_seconds: null, met: null },
    rto: null,
  });
});

test("an objective of time is missed by a drill that failed, and by one that took longer", () => {
  const met = (drills: readonly LedgerRecord[]) =>
    evidenceOf(IDENTITY, findings(drills, "2026-03-02T12:00Z")).targets[0]?.rto?.met;
  expect(met([aDrill(1800)])).toBe(true);
  expect(met([aDrill(1801)])).toBe(false);
  expect(met([aDrill(100), aDrill(100, { outcome: "failure", error })])).toBe(false);
  expect(met([])).toBe(false);
  const ofAnOlder = aRecord({ job: "drill", details: { seconds: 100, newest: false } });
  expect(met([aDrill(100, { outcome: "failure", error }), ofAnOlder])).toBe(false);
  expect(met([ofAnOlder])).toBe(false);
  const text = (...drills: readonly LedgerRecord[]) =>
    evidenceText(evidenceOf(IDENTITY, findings(drills, "2026-03-02T12:00Z")));
  const slow = "recovery time     1801 s of at most 1800 s: NOT MET\n";
  expect(`${text(aDrill(1801))}\n`).toContain(slow);
  expect(text(aDrill(6), aDrill(9, { outcome: "failure", error }), ofAnOlder)).toContain(
    "recovery time     6 s of at most 1800 s: NOT MET, the newest drill failed",
  );
  expect(text(aDrill(9, { outcome: "interrupted", error }))).toContain(
    "none yet of at most 1800 s: NOT MET, the newest drill was interrupted",
  );
});

test("a success that the repository does not have any more is no recovery point", () => {
  const stored = (run: string, ...ids: readonly string[]) => ({
    details: {
      run,
      databases: ids.slice(1).map((snapshot) => ({ snapshot })),
      record_snapshot: ids[0] ?? "",
    },
  });
  const records = [
    night("2026-02-25", stored("first", "r1", "a1", "b1")),
    night("2026-02-26", stored("second", "r2", "a2", "b2")),
  ];
  const of = (...ids: readonly string[]) => {
    const evidence = evidenceOf(IDENTITY, findings(records, "2026-02-26T12:00Z", ids));
    return { rpo: evidence.targets[0]?.rpo, text: evidenceText(evidence) };
  };
  // Retention may have forgotten the first.
  expect(of("r2", "a2", "b2").rpo).toMatchObject({ achieved_seconds: 86_400, met: true, missing_run: null });
  const gone = of("r1", "a1", "b1", "r2", "a2");
  expect(gone.rpo).toMatchObject({ achieved_seconds: 125_098, met: false, missing_run: "second" });
  expect(gone.text).toContain("run second: recorded as good, and the repository does not have it");
  expect(of().rpo).toMatchObject({ achieved_seconds: null, met: false, missing_run: "second" });
});

test("a slot whose run may still end in time is no gap", () => {
  const gaps = (at: string) => evidenceOf(IDENTITY, findings([night("2026-02-21")], at)).targets[0]?.gaps;
  expect(gaps("2026-02-22T07:14Z")).toEqual([]);
  expect(gaps("2026-02-22T07:16Z")).toEqual([{ from: "2026-02-22T01:15:00.000Z", until: null }]);
});

test("it is what its schema says, and people read it too", () => {
  const evidence = evidenceOf(IDENTITY, findings(RECORDS, "2026-02-26T12:00Z"));
  const valid = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);
  expect(valid(JSON.parse(JSON.stringify(evidence))), JSON.stringify(valid.errors)).toBe(true);
  const text = evidenceText(evidence);
  expect(text).toContain("recovery point    259200 s of at most 86400 s: NOT MET");
  expect(text).toContain("gap               from 2026-02-23T01:15:00.000Z to 2026-02-25T01:15:02.000Z");
  expect(text).toContain("last of its data  2026-03-01T02:16:00.000Z, success, 5% of the data read\n");
  expect(text).toContain("note              gone: orders");
  expect(text).toContain(" success in 300 s on MariaDB 11.8.6 in the place of MySQL (2 in all)");
  expect(text).toContain("ledger: 9 entries, unbroken");
});

test("no secret is in it, wherever a job's words held one", () => {
  const secret = fc.string({ minLength: 8, unit: "grapheme-ascii" }).filter((text) => /^[!-~]*$/.test(text));
  fc.assert(
    fc.property(
      secret,
      fc.constantFrom("backup", "drill", "check"),
      fc.boolean(),
      (password, job, failed) => {
        const canary = `c4n4ry${password}`;
        const what = { job, target: "db", repository: "offsite", trigger: { by: "hand" } } as const;
        const context = { redact: redactor([canary]), signal: new AbortController().signal };
        const details = {
          run: canary,
          seconds: 3,
          [`of ${job}`]: { url: `https://u:${encodeURIComponent(canary)}@host` },
        };
        const end = failed
          ? {
              error: new Failure("repository.absent", `no ${canary}`, {
                detail: canary,
                where: canary,
                todo: canary,
              }),
            }
          : ({ outcome: "success", details } as const);
        const record = recordOf(what, "2026-03-01T01:15:02.000Z", "2026-03-01T01:20:00.000Z", end, context);
        const evidence = evidenceOf(IDENTITY, findings([record], "2026-03-01T12:00Z"));
        for (const text of [JSON.stringify(record), JSON.stringify(evidence), evidenceText(evidence)]) {
          expect(text).not.toContain("c4n4ry");
        }
      },
    ),
  );
});
