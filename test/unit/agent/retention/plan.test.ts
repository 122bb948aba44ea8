import { expect, test } from "vitest";
import { groupRuns } from "../../../../src/agent/repository/runs.ts";
import { planRetention } from "../../../../src/agent/retention/plan.ts";
import { DB, gemSnapshot, NO_RULES, runAt } from "../repository/some-runs.ts";

const NOW = new Date("2026-11-21T12:00:00Z");
const day = (number: number, hour = 2): Date => new Date(Date.UTC(2026, 10, number, hour));
const LAST_TWO = { ...NO_RULES, last: 2 };

test("a run that is not complete goes a day later, once a newer one is complete", () => {
  const young = runAt(day(21), { complete: false });
  const old = runAt(day(18), { complete: false });
  const newest = runAt(day(19));
  const plan = planRetention([young, newest, old], LAST_TWO, "UTC", NOW);
  expect(plan).toMatchObject({
    kept: 2,
    forgotten: [{ run: old, reason: "not complete, and a newer run is" }],
  });
  expect([...plan.reasons]).toEqual([[newest, ["the newest", "last"]]]);
  // A policy that keeps every backup does not mean these.
  expect(planRetention([young, newest, old], null, "UTC", NOW)).toMatchObject({
    kept: 2,
    forgotten: [{ run: old }],
  });
  // Nothing newer is complete: it may be all that there is.
  expect(planRetention([young, old], LAST_TWO, "UTC", NOW).forgotten).toEqual([]);
  expect(
    planRetention([runAt(day(20, 1), { complete: false }), runAt(day(19))], LAST_TWO, "UTC", NOW).forgotten,
  ).toEqual([]);
});

test("what the gem made of one database does not push out what it made of another", () => {
  const snapshots = [1, 2, 3].flatMap((number) => [
    gemSnapshot({ database: "a", time: day(number, 1) }),
    gemSnapshot({ database: "b", time: day(number, 2) }),
  ]);
  const plan = planRetention(groupRuns(snapshots, DB), LAST_TWO, "UTC", NOW);
  expect(plan.kept).toBe(4);
  expect(plan.forgotten.map(({ run }) => run.time)).toEqual([day(1, 2), day(1, 1)]);
});

test("runs of ours count for the gem's, and go by themselves", () => {
  const gem = groupRuns([gemSnapshot({ time: day(1) }), gemSnapshot({ time: day(2) })], DB);
  const first = [runAt(day(10)), ...gem];
  expect(planRetention(first, LAST_TWO, "UTC", NOW).forgotten.map(({ run }) => run.time)).toEqual([day(1)]);
  const later = [runAt(day(11)), ...first];
  expect(planRetention(later, LAST_TWO, "UTC", NOW).forgotten.map(({ run }) => run.time)).toEqual([
    day(2),
    day(1),
  ]);
});
