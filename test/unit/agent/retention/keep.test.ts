import fc from "fast-check";
import { expect, test } from "vitest";
import type { Run } from "../../../../src/agent/repository/snapshot.ts";
import { keep } from "../../../../src/agent/retention/keep.ts";
import type { RetentionRules } from "../../../../src/model/agent-policy.ts";
import { NO_RULES, runAt } from "../repository/some-runs.ts";

const idsOf = (runs: readonly Run[], rules: Partial<RetentionRules>, zone = "UTC"): string[] =>
  keep(runs, { ...NO_RULES, ...rules }, zone).map(({ run }) => run.id);

const count = fc.nat({ max: 12 });
const rulesArbitrary = fc.record({
  last: count,
  hourly: count,
  daily: count,
  weekly: count,
  monthly: count,
  yearly: count,
  within_seconds: fc.option(fc.nat({ max: 10_000_000 })),
});
const minute = 60_000;
const runsArbitrary = fc
  .array(fc.record({ at: fc.nat({ max: 2_000_000 }), complete: fc.boolean() }), { maxLength: 60 })
  .map((all) => all.map(({ at, complete }) => runAt(Date.UTC(2022, 0, 1) + at * minute, { complete })));
const zone = fc.constantFrom("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe");

test("the newest complete run always stays, and one that is not complete never counts", () => {
  fc.assert(
    fc.property(runsArbitrary, rulesArbitrary, zone, (runs, rules, where) => {
      const kept = keep(runs, rules, where).map(({ run }) => run);
      const complete = runs.filter((run) => run.complete);
      expect(kept.every((run) => run.complete)).toBe(true);
      const newest = Math.max(...complete.map((run) => run.time.getTime()));
      if (complete.length > 0) expect(kept[0]?.time.getTime()).toBe(newest);
      expect(keep(complete, rules, where).map(({ run }) => run)).toEqual(kept);
    }),
  );
});

test("a bigger rule never keeps less", () => {
  const bigger = fc.constantFrom("last", "hourly", "daily", "weekly", "monthly", "yearly", "within_seconds");
  fc.assert(
    fc.property(runsArbitrary, rulesArbitrary, bigger, zone, (runs, rules, rule, where) => {
      const empty = Object.values(rules).every((value) => value === 0 || value === null);
      // Without any rule everything stays: the first rule keeps less than none.
      fc.pre(!empty);
      const more = { ...rules, [rule]: (rules[rule] ?? 0) + 1 };
      const kept = new Set(keep(runs, rules, where).map(({ run }) => run));
      const keptMore = new Set(keep(runs, more, where).map(({ run }) => run));
      expect([...kept].filter((run) => !keptMore.has(run))).toEqual([]);
    }),
  );
});

test("what was kept is kept again: retention twice is retention once", () => {
  fc.assert(
    fc.property(runsArbitrary, rulesArbitrary, zone, (runs, rules, where) => {
      const once = keep(runs, rules, where).map(({ run }) => run);
      expect(keep(once, rules, where).map(({ run }) => run)).toEqual(once);
    }),
  );
});

test("without any rule every complete run stays", () => {
  const runs = [runAt("2026-01-02"), runAt("2025-01-02"), runAt("2024-01-02", { complete: false })];
  expect(idsOf(runs, {})).toHaveLength(2);
});

test("a rule of days counts the zone's days, not 24 hours, also where the clocks change", () => {
  // Hourly runs around the end of summer time in Berlin: the day of 25 October has 25 hours.
  const runs = Array.from({ length: 60 }, (_, index) => runAt(Date.UTC(2026, 9, 26, 10) - index * 3_600_000));
  expect(idsOf(runs, { daily: 3 }, "Europe/Berlin")).toEqual([
    "2026-10-26T10:00:00.000Z",
    "2026-10-25T22:00:00.000Z",
    "2026-10-24T21:00:00.000Z",
  ]);
  // Both of the hours that the clocks call two.
  expect(idsOf(runs, { hourly: 60 }, "Europe/Berlin")).toHaveLength(60);
});

test("within counts back from the newest run, not from now", () => {
  const runs = ["2020-01-10", "2020-01-09", "2020-01-08"].map((day) => runAt(`${day}T00:00:00Z`));
  expect(idsOf(runs, { within_seconds: 86_401 })).toHaveLength(2);
  expect(idsOf(runs, { within_seconds: 86_400 })).toHaveLength(1);
});

test("what keeps a run is said", () => {
  const runs = ["2024-01-09T02:00:00Z", "2024-01-08T02:00:00Z", "2024-01-08T01:00:00Z"].map((at) =>
    runAt(at),
  );
  expect(keep(runs, { ...NO_RULES, last: 1, daily: 3 }, "UTC").map(({ reasons }) => reasons)).toEqual([
    ["the newest", "last", "daily 2024-1-9"],
    ["daily 2024-1-8"],
    ["daily, the oldest"],
  ]);
});
