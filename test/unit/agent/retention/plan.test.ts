import { expect, test } from "vitest";
import { groupRuns } from "../../../../src/agent/repository/runs.ts";
import { planRetention } from "../../../../src/agent/retention/plan.ts";
import { DB, gemSnapshot, NO_RULES, runAt } from "../repository/some-runs.ts";

const NOW = new Date("2026-11-21T12:00:00Z");
const HERE = { timezone: "UTC", host: "10.0.0.1" };
const day = (number: number, hour = 2): Date => new Date(Date.UTC(2026, 10, number, hour));
const LAST_TWO = { ...NO_RULES, last: 2 };

test("a run that is not complete goes a day later, once a newer one is complete", () => {
  const young = runAt(day(21), { complete: false });
  const old = runAt(day(18), { complete: false });
  const newest = runAt(day(19));
  const plan = planRetention([young, newest, old], LAST_TWO, HERE, NOW);
  expect(plan).toMatchObject({
    kept: 2,
    forgotten: [{ run: old, reason: "not complete, and a newer run is" }],
  });
  expect([...plan.reasons]).toEqual([[newest, ["the newest", "last"]]]);
  // A policy that keeps every backup does not mean these.
  expect(planRetention([young, newest, old], null, HERE, NOW)).toMatchObject({
    kept: 2,
    forgotten: [{ run: old }],
  });
  // Nothing newer is complete: it may be all that there is.
  expect(planRetention([young, old], LAST_TWO, HERE, NOW).forgotten).toEqual([]);
  expect(
    planRetention([runAt(day(20, 1), { complete: false }), runAt(day(19))], LAST_TWO, HERE, NOW).forgotten,
  ).toEqual([]);
});

test("what the gem made of one database does not push out what it made of another", () => {
  const snapshots = [1, 2, 3].flatMap((number) => [
    gemSnapshot({ database: "a", time: day(number, 1) }),
    gemSnapshot({ database: "b", time: day(number, 2) }),
  ]);
  const plan = planRetention(groupRuns(snapshots, DB), LAST_TWO, HERE, NOW);
  expect(plan.kept).toBe(4);
  expect(plan.forgotten.map(({ run }) => run.time)).toEqual([day(1, 2), day(1, 1)]);
});

test("runs of ours count for the gem's, and go by themselves", () => {
  const gem = groupRuns([gemSnapshot({ time: day(1) }), gemSnapshot({ time: day(2) })], DB);
  const first = [runAt(day(10)), ...gem];
  expect(planRetention(first, LAST_TWO, HERE, NOW).forgotten.map(({ run }) => run.time)).toEqual([day(1)]);
  const later = [runAt(day(11)), ...first];
  expect(planRetention(later, LAST_TWO, HERE, NOW).forgotten.map(({ run }) => run.time)).toEqual([
    day(2),
    day(1),
  ]);
});

test("a run of the future stays, and pushes out none of the others", () => {
  const ahead = runAt("2027-11-20T02:00:00Z");
  const runs = [20, 19, 18].map((number) => runAt(day(number)));
  for (const rules of [
    { ...NO_RULES, within_seconds: 30 * 86_400 },
    { ...NO_RULES, last: 3 },
  ]) {
    const plan = planRetention([ahead, ...runs], rules, HERE, NOW);
    expect(plan).toMatchObject({ kept: 4, forgotten: [] });
    expect(plan.reasons.get(ahead)).toEqual(["of the future"]);
  }
  // Those of today go on to be the newest, and the rule to count.
  const forgotten = planRetention([ahead, runAt(day(21)), ...runs], LAST_TWO, HERE, NOW).forgotten;
  expect(forgotten.map(({ run }) => run)).toEqual([runs[1], runs[2]]);
});

test("a clock that leaps ahead does not lose what within kept, until it was kept as long again", () => {
  const rules = { ...NO_RULES, within_seconds: 3 * 86_400 };
  const honest = [5, 4, 3, 2, 1].map((number) => runAt(day(number)));
  const leap = 86_400_000 * 365;
  const wrong = (count: number) =>
    Array.from({ length: count }, (_, index) =>
      runAt(day(6).getTime() + leap + index * 86_400_000),
    ).toReversed();
  const after = (count: number) => {
    const now = new Date(day(6).getTime() + leap + count * 86_400_000);
    return planRetention([...wrong(count), ...honest], rules, HERE, now).forgotten.map(({ run }) => run.id);
  };
  const ids = honest.map(({ id }) => id);
  expect(after(1)).toEqual(ids.slice(3));
  expect(after(3)).toEqual(ids.slice(3));
  expect(after(4)).toEqual(expect.arrayContaining(ids));
});

test("another host's runs are its own to forget, until it has taken none for long", () => {
  const host = "10.0.0.2";
  const ours = [runAt(day(21)), runAt(day(20)), runAt(day(19))];
  const theirs = [runAt(day(20, 3), { host }), runAt(day(1), { host }), runAt("2026-08-01", { host })];
  const plan = planRetention([...ours, ...theirs], LAST_TWO, HERE, NOW);
  expect(plan.forgotten.map(({ run }) => run)).toEqual([ours[2]]);
  for (const run of theirs) expect(plan.reasons.get(run)).toEqual(["of another host"]);
  // One that it is still taking, too.
  const half = runAt(day(19, 3), { host, complete: false });
  expect(planRetention([...ours, ...theirs, half], LAST_TWO, HERE, NOW).forgotten).toEqual(plan.forgotten);
  // A move, long ago: one history.
  const left = [runAt("2026-10-01", { host }), runAt("2026-09-30", { host }), runAt("2026-09-29", { host })];
  const moved = planRetention([...ours, ...left], { ...NO_RULES, last: 4 }, HERE, NOW);
  expect(moved.forgotten.map(({ run }) => run)).toEqual(left.slice(1));
});
