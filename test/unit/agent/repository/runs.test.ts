import { expect, test } from "vitest";
import { doubtsOf } from "../../../../src/agent/repository/doubts.ts";
import { groupRuns, resolveRun } from "../../../../src/agent/repository/runs.ts";
import { DB, FILES, gemSnapshot, runAt, SQLITE, snapshotOf } from "./some-runs.ts";

const NOW = new Date("2026-11-21T12:00:00Z");

test("the snapshots of a run come together, and the globals complete it", () => {
  const first = { run: "2026-11-20T02:15:00Z", time: new Date("2026-11-20T02:15:09Z") };
  const snapshots = [
    snapshotOf({ ...first, database: "a" }),
    snapshotOf({ ...first, type: "globals", database: null, time: new Date("2026-11-20T02:16:00Z") }),
    snapshotOf({ database: "a" }),
    snapshotOf({ database: "b" }),
    snapshotOf({ target: "db2" }),
  ];
  expect(groupRuns(snapshots, DB)).toMatchObject([
    { id: "2026-11-21T02:15:00Z", complete: false, snapshots: [{ database: "a" }, { database: "b" }] },
    { id: first.run, complete: true, time: new Date("2026-11-20T02:16:00Z"), madeBy: "kamal-backup" },
  ]);
});

test("runs of two hosts in the same second are two, and their name is refused as either", () => {
  const record = { type: "globals", database: null } as const;
  const here = [snapshotOf({}), snapshotOf(record)];
  const there = [snapshotOf({ host: "10.0.0.2" }), snapshotOf({ ...record, host: "10.0.0.2" })];
  const runs = groupRuns([...here, ...there.slice(0, 1)], DB);
  const shown = runs.map(({ host, complete, snapshots }) => [host, complete, snapshots.length]);
  expect(shown.sort()).toEqual([
    ["10.0.0.1", true, 2],
    ["10.0.0.2", false, 1],
  ]);
  const both = groupRuns([...here, ...there], DB);
  expect(() => resolveRun(both, "2026-11-21T02:15:00Z", "UTC", NOW)).toThrow("several hosts");
  expect(resolveRun(both, there[0]?.shortId ?? "", "UTC", NOW).host).toBe("10.0.0.2");
});

test("another host that goes on under the same name is told, a move and a copied host are told apart", () => {
  const doubts = (...runs: Parameters<typeof doubtsOf>[0]) => doubtsOf(runs, "10.0.0.1", NOW);
  const elsewhere = runAt("2026-11-21T02:15:10Z", { host: "10.0.0.2" });
  expect(doubts(elsewhere)).toEqual([]);
  const [newer, older] = [runAt("2026-11-21T02:15:20Z"), runAt("2026-11-20T02:15:10Z")];
  expect(doubts(newer, elsewhere)).toEqual([]);
  expect(doubts(runAt("2026-11-21T11:00:00Z"), newer, elsewhere, older)).toEqual([]);
  const told = [
    expect.stringMatching(/^10\.0\.0\.2 backs up under the same name: it took run 2026-11-21T02:15:10/),
  ];
  expect(doubts(elsewhere, older)).toEqual(told);
  expect(doubts(newer, elsewhere, older)).toEqual(told);
  const records = [snapshotOf({ type: "globals" }), snapshotOf({ type: "globals" })];
  expect(doubtsOf(groupRuns(records, DB), "10.0.0.1", NOW)).toEqual([
    expect.stringContaining("two agents took run 2026-11-21T02:15:00Z of 10.0.0.1 at once"),
  ]);
  // Of long ago: retention may keep it for years.
  const since = [7, 6, 5, 4, 3].map((hour) => runAt(`2026-11-21T0${hour}:00:00Z`));
  expect(doubts(...since, ...groupRuns(records, DB))).toEqual([]);
});

test("a run of the future is listed and told, but the latest only where there is no other", () => {
  const ahead = runAt("2027-11-20T02:15:10Z");
  const newest = runAt("2026-11-21T12:04:59Z");
  expect(resolveRun([ahead, newest, ...RUNS], "latest", "UTC", NOW)).toBe(newest);
  expect(resolveRun([ahead], "latest", "UTC", NOW)).toBe(ahead);
  expect(resolveRun([ahead, ...RUNS], ahead.snapshots[0]?.shortId ?? "", "UTC", NOW)).toBe(ahead);
  expect(doubtsOf([ahead, ahead, newest], "10.0.0.1", NOW)).toEqual([
    expect.stringContaining("of the future: run 2027-11-20T02:15:10.000Z of 10.0.0.1 and 1 more"),
  ]);
});

test("a run of files is one snapshot, and its record completes it", () => {
  const of = { target: "uploads", adapter: null, database: null };
  const files = snapshotOf({ ...of, type: "files", labels: ["uploads"] });
  const record = snapshotOf({ ...of, type: "globals", time: new Date("2026-11-21T02:15:12Z") });
  expect(groupRuns([files, record], FILES)).toMatchObject([
    { complete: true, snapshots: [{ id: files.id }, { id: record.id }] },
  ]);
  // Refused, or killed; what a forget that was killed has left.
  for (const one of [files, record]) expect(groupRuns([one], FILES)).toMatchObject([{ complete: false }]);
  expect(groupRuns([files, record], DB)).toEqual([]);
});

test("each snapshot of the gem is a run of the target that it fits", () => {
  const shop = gemSnapshot({ database: "shop" });
  const other = gemSnapshot({ database: "other" });
  const nameless = gemSnapshot({ database: null });
  const mysql = gemSnapshot({ adapter: "mysql" });
  const sqlite = gemSnapshot({ adapter: "sqlite" });
  const files = gemSnapshot({ type: "files", adapter: null, database: null });
  const all = [shop, other, nameless, mysql, sqlite, files];
  const idsOf = (...args: Parameters<typeof groupRuns>) =>
    groupRuns(...args)
      .map(({ id }) => id)
      .sort();
  expect(idsOf(all, DB)).toEqual([shop, other, nameless].map(({ id }) => id).sort());
  expect(idsOf(all, { ...DB, engine: "mariadb" })).toEqual([mysql.id]);
  expect(idsOf(all, SQLITE)).toEqual([sqlite.id]);
  expect(idsOf(all, FILES)).toEqual([files.id]);
  expect(groupRuns([shop], DB)).toMatchObject([{ complete: true, madeBy: "gem" }]);
});

const RUNS = [
  runAt("2026-11-21T02:15:10Z", { id: "2026-11-21T02:15:00Z", complete: false }),
  runAt("2026-11-20T02:15:10Z", { id: "2026-11-20T02:15:00Z" }),
  runAt("2026-11-19T02:15:10Z", { id: "2026-11-19T02:15:00Z" }),
];
const resolved = (selector: string, zone = "UTC"): string => resolveRun(RUNS, selector, zone, NOW).id;
const codeOf = (selector: string): unknown => {
  try {
    return resolved(selector);
  } catch (error) {
    return (error as { code: unknown }).code;
  }
};

test("latest is the newest complete run", () => {
  expect(resolved("latest")).toBe("2026-11-20T02:15:00Z");
});

test("a time is the newest complete run at or before it, in the policy's zone or in its own", () => {
  expect(resolved("2026-11-20T02:15:10")).toBe("2026-11-20T02:15:00Z");
  expect(resolved("2026-11-20T02:15:09")).toBe("2026-11-19T02:15:00Z");
  expect(resolved("2026-11-20T02:15:10", "Europe/Berlin")).toBe("2026-11-19T02:15:00Z");
  expect(resolved("2026-11-20T03:15:10", "Europe/Berlin")).toBe("2026-11-20T02:15:00Z");
  expect(resolved("2026-11-20T03:15:10+01:00", "Asia/Tokyo")).toBe("2026-11-20T02:15:00Z");
  expect(resolved("2026-11-20T02:15:10Z", "Asia/Tokyo")).toBe("2026-11-20T02:15:00Z");
});

test("a run's own id is that run, though its snapshots came after that time", () => {
  expect(resolved("2026-11-20T02:15:00Z")).toBe("2026-11-20T02:15:00Z");
});

test("the beginning of a snapshot's id is its run, complete or not", () => {
  for (const run of RUNS) expect(resolved(run.snapshots[0]?.shortId ?? "")).toBe(run.id);
});

test("what means no run, or several, is refused", () => {
  for (const selector of [
    "2026-11-18T00:00:00",
    "yesterday",
    "2026-02-30T00:00:00",
    "abcdef12",
    "0000",
    "000",
  ])
    expect(codeOf(selector), selector).toBe("repository.no-such-run");
  expect(() => resolveRun([], "latest", "UTC", NOW)).toThrow("no complete run");
});

test("a run that is not complete is not meant by its own name", () => {
  expect(resolved("2026-11-21T02:15:00Z")).toBe("2026-11-20T02:15:00Z");
});

test("the newest of the gem's is refused where its backups are of several databases", () => {
  const queue = runAt("2026-11-20T02:15:20Z", { madeBy: "gem", id: "b".repeat(64) });
  const app = runAt("2026-11-20T02:15:10Z", { madeBy: "gem", id: "c".repeat(64) });
  const named = (run: typeof app, database: string) => ({
    ...run,
    snapshots: run.snapshots.map((one) => ({ ...one, database })),
  });
  const both = [named(queue, "queue"), named(app, "app")];
  expect(() => resolveRun(both, "latest", "UTC", NOW)).toThrow("several databases");
  expect(() => resolveRun(both, "2026-11-20T03:00:00Z", "UTC", NOW)).toThrow("several databases");
  expect(resolveRun([named(queue, "app"), named(app, "app")], "latest", "UTC", NOW).id).toBe(queue.id);
});
