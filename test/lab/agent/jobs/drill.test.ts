import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { backupDatabase } from "../../../../src/agent/jobs/backup-database.ts";
import { drillDatabase } from "../../../../src/agent/jobs/drill-database.ts";
import { initRepository } from "../../../../src/agent/jobs/init.ts";
import type { AgentAssertion, ServerTarget } from "../../../../src/model/agent-policy.ts";
import type { Facts } from "../../../../src/model/ledger.ts";
import type { Cluster } from "../engines/postgres-cluster.ts";
import { withOtherFacts } from "./broken-run.ts";
import { type Agent, APP, databasesOf, failureOf, makeAgent, startProduction, targetOf } from "./support.ts";

let cluster: Cluster;
let agent: Agent;
let run: string;

beforeAll(async () => {
  cluster = await startProduction();
  agent = makeAgent();
  await initRepository(agent.repository, agent.context([]));
  const taken = await backupDatabase(
    targetOf(cluster),
    { force: true, acceptSmaller: false },
    agent.context([targetOf(cluster)]),
  );
  run = String(taken.details["run"]);
});
afterAll(() => {
  cluster.stop();
  agent.remove();
});
afterEach(() => {
  expect(readdirSync(join(agent.directory, "scratch"))).toEqual([]);
  expect(execFileSync("ps", ["-eo", "args"], { encoding: "utf8" })).not.toContain(
    join(agent.directory, "scratch"),
  );
});

const USERS = {
  name: "users are there",
  sql: "select count(*) from users",
  database: null,
  min: 1,
  equals: null,
};
const asserting = (...assertions: AgentAssertion[]): ServerTarget =>
  targetOf(cluster, { drill: { schedule: "@weekly", assertions } });
const drill = (target: ServerTarget, selector = run, signal?: AbortSignal) =>
  drillDatabase(target, selector, agent.context([target], signal));

test("passes on what is as it was recorded, without production", async () => {
  const other = {
    name: "the other one",
    sql: "SELECT max(id) FROM t",
    database: "other; db",
    min: null,
    equals: 2,
  };
  const truth = {
    name: "fresh; -- always",
    sql: "select true -- so",
    database: null,
    min: null,
    equals: true,
  };
  // Nothing answers there.
  const target = asserting(USERS, other, truth);
  const { outcome, details } = await drill({ ...target, connection: { ...target.connection, port: 1 } });
  expect(outcome).toBe("success");
  expect(details).toMatchObject({
    run,
    newest: true,
    databases: [
      { database: "other; db", tables: 1, rows: 2, differences: [] },
      { database: APP, tables: 2, rows: 1500, differences: [] },
    ],
    assertions: [
      { name: "users are there", passed: true, got: 1000, wanted: "at least 1" },
      { passed: true, got: 2 },
      { passed: true, got: true },
    ],
  });
});

describe("fails, with all that it found,", () => {
  test("where assertions do", async () => {
    const target = asserting(
      { ...USERS, min: 1001 },
      { ...USERS, name: "no such table", sql: "select count(*) from nothing" },
      { ...USERS, name: "no such database", database: "nowhere" },
      USERS,
    );
    const failure = await failureOf(drill(target));
    expect(failure).toMatchObject({ code: "drill.failed", exit: 1 });
    expect(failure.detail).toContain('assertion "users are there": got 1000, wanted at least 1001');
    expect(failure.detail).toContain('relation \\"nothing\\" does not exist');
    expect(failure.details).toMatchObject({
      run,
      assertions: [{ passed: false, got: 1000 }, { passed: false }, { passed: false }, { passed: true }],
      faults: { length: 3 },
    });
  });

  test("where it took longer than the objective", async () => {
    const target = targetOf(cluster, { objectives: { rpo_seconds: null, rto_seconds: 60 } });
    const context = agent.context([target]);
    let hours = 0;
    const start = agent.now.getTime();
    const later = { ...context.clock, now: () => new Date(start + 3_600_000 * hours++) };
    const failure = await failureOf(drillDatabase(target, run, { ...context, clock: later }));
    expect(failure.code).toBe("drill.failed");
    expect(failure.detail).toMatch(
      /^it took \d+ s until the databases were usable, and the objective is 60 s$/,
    );
  });

  test("where rows are missing, or a view", async () => {
    const target = targetOf(cluster);
    const change = (facts: Facts): Facts =>
      facts.database !== APP
        ? facts
        : {
            ...facts,
            objects: { ...facts.objects, views: 2 },
            tables: { ...facts.tables, "public.users": { rows: 1001, exact: true } },
          };
    const broken = "2026-01-01T00:00:00Z";
    await withOtherFacts(target, broken, change, agent.context([target]), async () => {
      const failure = await failureOf(drill(target, broken));
      expect(failure.code).toBe("drill.failed");
      expect(failure.detail?.split("\n")).toEqual([
        `${APP}: table public.users has 1000 rows, and had 1001`,
        `${APP}: views: 1, and there were 2`,
      ]);
      // That it passes says nothing of the newer one, and it says so.
      expect((await drill(target)).details).toMatchObject({ run, newest: false });
    });
  });
});

test("is not begun where the scratch directory has no room for the databases, what a killed one left being gone", async () => {
  const target = targetOf(cluster);
  const leftover = join(agent.directory, "scratch/pg-0000");
  mkdirSync(leftover);
  writeFileSync(join(leftover, "lock"), "");
  const run = "2026-01-01T00:00:00Z";
  agent.phases.length = 0;
  const change = (facts: Facts): Facts => ({ ...facts, size_bytes: 1e15 });
  await withOtherFacts(target, run, change, agent.context([target]), async () => {
    const failure = await failureOf(drill(target, run));
    expect(failure).toMatchObject({ code: "drill.no-room", details: { run, needed_bytes: 2e15 } });
  });
  expect(agent.phases).not.toContain("starting a throwaway server");
});

test("stopped by the signal, leaves nothing", async () => {
  const stopping = new AbortController();
  const drilling = failureOf(drill(targetOf(cluster), run, stopping.signal));
  for (let attempt = 0; attempt < 600 && agent.phases.at(-1) !== "restoring other; db"; attempt++)
    await wait(50);
  stopping.abort();
  expect(await drilling).toMatchObject({ code: "agent.interrupted" });
});

test("a repository that is gone is not a failed drill, and it is not made anew", async () => {
  const gone = makeAgent();
  try {
    await initRepository(gone.repository, gone.context([]));
    rmSync(gone.repository.location, { recursive: true });
    const failure = await failureOf(
      drillDatabase(targetOf(cluster), "latest", gone.context([targetOf(cluster)])),
    );
    expect(failure.code).toMatch(/^repository\./);
    expect(readdirSync(gone.directory)).not.toContain("repository");
  } finally {
    gone.remove();
  }
  expect(databasesOf(cluster)).toEqual(["other; db", "postgres", APP]);
});
