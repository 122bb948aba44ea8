import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { backupDatabase } from "../../../../src/agent/jobs/backup-database.ts";
import { drillDatabase } from "../../../../src/agent/jobs/drill-database.ts";
import { initRepository } from "../../../../src/agent/jobs/init.ts";
import { listRuns } from "../../../../src/agent/jobs/list.ts";
import { restoreDatabase } from "../../../../src/agent/jobs/restore-database.ts";
import { type Cluster, startCluster } from "../engines/postgres-cluster.ts";
import { type Agent, APP, CANARIES, failureOf, makeAgent, startProduction, targetOf } from "./support.ts";

const TAKE = { force: true, acceptSmaller: false };
const ACCEPT = { force: true, acceptSmaller: true };

let cluster: Cluster;
let agent: Agent;

beforeAll(async () => {
  cluster = await startProduction();
  agent = makeAgent();
  await initRepository(agent.repository, agent.context([]));
});
afterAll(() => {
  cluster.stop();
  agent.remove();
});

const target = () => targetOf(cluster);
const backup = (options = TAKE, signal?: AbortSignal) =>
  backupDatabase(target(), options, agent.context([target()], signal));
const runs = () => listRuns([target()], agent.context([target()])).then((listed) => listed.runs);
const snapshots = () => (agent.restic("snapshots") as { id: string }[]).map(({ id }) => id);

test("a run has each database, tagged, and its record last; nothing of it stays in the scratch directory", async () => {
  const { outcome, details } = await backup();
  expect(outcome).toBe("success");
  expect(details).toMatchObject({
    repository: "offsite",
    warnings: [],
    databases: [
      { database: "other; db", tables: 1, rows: 2 },
      { database: APP, tables: 2, rows: 1500 },
    ],
  });
  const run = String(details["run"]);
  const stored = agent.restic("snapshots") as { tags: string[]; paths: string[]; id: string }[];
  const common = ["kamal-backup", "app:teamyap", "target:db", `run:${run}`, "adapter:postgres"];
  const sorted = stored.map(({ tags }) => [...tags].sort());
  expect(sorted).toEqual([
    [...common, "type:database", "database:other; db"].sort(),
    [...common, "type:database", `database:${APP}`].sort(),
    [...common, "type:globals"].sort(),
  ]);
  expect(stored[0]?.paths).toEqual(["/other%3B%20db.pgdump"]);
  expect(stored[2]?.paths.map((path) => path.split("/").at(-1)).sort()).toEqual([
    "facts.json",
    "globals.sql",
  ]);
  expect(readdirSync(join(agent.directory, "scratch"))).toEqual([]);
  expect(agent.phases).toContain(`reading back ${APP}`);
  const [listed, ...others] = await runs();
  expect(others).toEqual([]);
  expect(listed).toMatchObject({ run, complete: true, made_by: "kamal-backup" });
});

test("nothing is done where the newest run is current, and once the next slot came it is", async () => {
  const current = { force: false, acceptSmaller: false };
  const before = snapshots();
  const reason = expect.stringMatching(/^current until \d{4}-\d\d-\d\dT\S+Z; --force takes one now$/);
  expect(await backup(current)).toMatchObject({ outcome: "skipped", details: { reason } });
  expect(snapshots()).toEqual(before);
  agent.now = new Date(agent.now.getTime() + 86_400_000);
  expect((await backup(current)).outcome).toBe("success");
  expect(await runs()).toHaveLength(2);
});

test("two runs within a second are two", async () => {
  const now = agent.now;
  const context = agent.context([target()]);
  const frozen = { ...context, clock: { ...context.clock, now: () => now } };
  const first = (await backupDatabase(target(), TAKE, frozen)).details["run"];
  const second = (await backupDatabase(target(), TAKE, frozen)).details["run"];
  expect(second).not.toBe(first);
});

describe("refused, and nothing of it stays:", () => {
  test("a database that has no tables any more", async () => {
    const before = snapshots();
    cluster.psql("other; db", "DROP TABLE t");
    const failure = await failureOf(backup());
    expect(failure.code).toBe("backup.empty");
    expect(failure.message).toContain("other; db");
    expect(snapshots()).toEqual(before);
  });

  test("a dump below half of the one before", async () => {
    cluster.psql("other; db", "CREATE TABLE t (id int); INSERT INTO t VALUES (1), (2)");
    cluster.psql(APP, "CREATE TABLE bulk AS SELECT i, md5(i::text) FROM generate_series(1, 5000) i");
    await backup();
    const before = snapshots();
    cluster.psql(APP, "TRUNCATE bulk");
    const failure = await failureOf(backup());
    expect(failure.code).toBe("backup.shrunk");
    expect(failure.message).toContain(APP);
    expect(snapshots()).toEqual(before);
    expect(agent.logged.at(-1)).toMatch(/^forgot the 2 snapshots of run /);
  });

  test("but taken with --accept-smaller, and it is what the next one is compared with", async () => {
    expect((await backup(ACCEPT)).outcome).toBe("success");
    expect((await backup()).outcome).toBe("success");
  });

  test("a server without any table, on its first backup too", async () => {
    const empty = await startCluster();
    const another = makeAgent("another");
    try {
      empty.psql("postgres", `CREATE DATABASE ${APP}`);
      await initRepository(another.repository, another.context([]));
      const context = another.context([targetOf(empty)]);
      expect((await failureOf(backupDatabase(targetOf(empty), TAKE, context))).code).toBe("backup.empty");
      expect(another.restic("snapshots")).toEqual([]);
      // Somebody who wants it gets it, but no drill ever passes on it.
      expect((await backupDatabase(targetOf(empty), ACCEPT, context)).outcome).toBe("success");
      const failure = await failureOf(drillDatabase(targetOf(empty), "latest", context));
      expect(failure).toMatchObject({ code: "drill.failed", detail: "the backup has no tables" });
    } finally {
      empty.stop();
      another.remove();
    }
  });
});

test("a table dropped between two backups is told once, and comes back from the run before", async () => {
  const last = String((await backup(ACCEPT)).details["run"]);
  cluster.psql(APP, "DROP VIEW names; DROP TABLE posts; CREATE TABLE empty (id int)");
  const { outcome, details } = await backup(ACCEPT);
  expect(outcome).toBe("success");
  expect(details).toMatchObject({ warnings: [], notices: [expect.stringContaining("public.posts (500)")] });
  expect(agent.logged).toContain((details["notices"] as string[])[0]);
  cluster.psql(APP, "DROP TABLE empty");
  expect((await backup()).details["notices"]).toEqual([]);
  const restore = { selector: last, database: null, table: "public.posts", confirm: APP };
  await restoreDatabase(target(), restore, agent.context([target()]));
  expect(cluster.psql(APP, "SELECT count(*) FROM posts")).toBe("500");
  cluster.psql(APP, "CREATE VIEW names AS SELECT name FROM users");
});

test("a database that vanished is refused; with --accept-smaller it is a warning", async () => {
  cluster.psql("postgres", 'ALTER DATABASE "other; db" RENAME TO renamed');
  const before = snapshots();
  expect(await failureOf(backup())).toMatchObject({ code: "backup.empty" });
  expect(snapshots()).toEqual(before);
  const { details } = await backup(ACCEPT);
  expect(details["warnings"]).toEqual([
    "database other; db was in the backup before and is not there any more",
  ]);
  cluster.psql("postgres", 'ALTER DATABASE renamed RENAME TO "other; db"');
  await backup(ACCEPT);
});

describe("interrupted, nothing of the run stays:", () => {
  const slowly =
    "CREATE TABLE large AS SELECT i, repeat(md5(i::text), 300) AS x FROM generate_series(1, 40000) i";

  test("by a backend that is killed", async () => {
    cluster.psql(APP, slowly);
    const before = snapshots();
    const killing = killDump();
    const failure = await failureOf(backup());
    expect(await killing).toBe(true);
    expect(failure.code).toBe("backup.failed");
    expect(failure.detail).toContain("pg_dump: error: Dumping the contents of table");
    expect(snapshots()).toEqual(before);
  });

  test("by the signal", async () => {
    const before = snapshots();
    const stopping = new AbortController();
    const dumping = untilDumping(() => stopping.abort());
    const failure = await failureOf(backup(TAKE, stopping.signal));
    expect(await dumping).toBe(true);
    expect(failure.code).toBe("agent.interrupted");
    expect(snapshots()).toEqual(before);
    expect(readdirSync(join(agent.directory, "repository/locks"))).toEqual([]);
    expect(cluster.psql("postgres", "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'COPY%'")).toBe(
      "0",
    );
  });

  async function untilDumping(act: () => void): Promise<boolean> {
    const copying = `SELECT count(*) FROM pg_stat_activity WHERE datname = '${APP}' AND query LIKE 'COPY %large%' AND state = 'active'`;
    for (let attempt = 0; attempt < 1200; attempt++) {
      if (cluster.psql("postgres", copying) !== "0") {
        act();
        return true;
      }
      await wait(25);
    }
    return false;
  }

  const killDump = () =>
    untilDumping(() => {
      cluster.psql(
        "postgres",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'COPY %large%'",
      );
    });
});

test("no secret was said", async () => {
  const said = [...agent.logged, ...agent.phases, JSON.stringify(await runs())].join("\n");
  for (const canary of CANARIES) expect(said).not.toContain(canary);
  expect(
    readdirSync(join(agent.directory, "state"), { recursive: true, encoding: "utf8" }).length,
  ).toBeGreaterThan(0);
  for (const file of readdirSync(join(agent.directory, "state"), { recursive: true, withFileTypes: true }))
    if (file.isFile() && !file.parentPath.includes("cache"))
      for (const canary of CANARIES)
        expect(readFileSync(join(file.parentPath, file.name), "utf8")).not.toContain(canary);
});
