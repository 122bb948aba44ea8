import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { backupDatabase } from "../../../../src/agent/jobs/backup-database.ts";
import { drillDatabase } from "../../../../src/agent/jobs/drill-database.ts";
import { dropPrevious } from "../../../../src/agent/jobs/drop-previous.ts";
import { initRepository } from "../../../../src/agent/jobs/init.ts";
import { type RestoreOptions, restoreDatabase } from "../../../../src/agent/jobs/restore-database.ts";
import { tidyProduction } from "../../../../src/agent/jobs/tidy-production.ts";
import type { Facts } from "../../../../src/model/ledger.ts";
import type { Cluster } from "../engines/postgres-cluster.ts";
import { withOtherFacts } from "./broken-run.ts";
import { type Agent, APP, databasesOf, failureOf, makeAgent, startProduction, targetOf } from "./support.ts";

const TAKE = { force: true, acceptSmaller: false };
const WHOLE: RestoreOptions = { selector: "latest", database: null, table: null, confirm: APP };
const ALONE = ["other; db", "postgres", APP];

let cluster: Cluster;
let agent: Agent;

beforeAll(async () => {
  cluster = await startProduction();
  agent = makeAgent();
  await initRepository(agent.repository, agent.context([]));
  await backupDatabase(targetOf(cluster), TAKE, context());
});
afterAll(() => {
  cluster.stop();
  agent.remove();
});

const context = (signal?: AbortSignal) => agent.context([targetOf(cluster)], signal);
const restore = (change: Partial<RestoreOptions> = {}, signal?: AbortSignal) =>
  restoreDatabase(targetOf(cluster), { ...WHOLE, ...change }, context(signal));
const users = (database = APP) => cluster.psql(database, "SELECT count(*) FROM users");
const schemas = () =>
  cluster.psql(
    APP,
    "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' ORDER BY 1",
  );
const made = () => readdirSync(join(agent.directory, "state")).includes("restores");
const forgetAllKept = async () => {
  await dropPrevious(targetOf(cluster), { database: null, confirm: APP }, context());
  expect(databasesOf(cluster)).toEqual(ALONE);
};

describe("production stays as it is", () => {
  test("without the database's name typed", async () => {
    cluster.psql(APP, "DELETE FROM users WHERE id > 900");
    expect((await failureOf(restore({ confirm: "yes" }))).code).toBe("restore.not-confirmed");
    expect((await failureOf(restore({ database: "other; db" }))).code).toBe("restore.not-confirmed");
    expect((await failureOf(restore({ database: "nowhere", confirm: "nowhere" }))).code).toBe(
      "restore.no-such-database",
    );
    expect(databasesOf(cluster)).toEqual(ALONE);
    expect(made()).toBe(false);
  });

  test("where what came back differs from what was recorded", async () => {
    const run = "2026-01-01T00:00:00Z";
    const posts = { "public.posts": { rows: 501, exact: true } };
    const change = (facts: Facts): Facts => ({ ...facts, tables: { ...facts.tables, ...posts } });
    await withOtherFacts(targetOf(cluster), run, change, context(), async () => {
      const failure = await failureOf(restore({ selector: run }));
      expect(failure).toMatchObject({
        code: "restore.differs",
        detail: "table public.posts has 500 rows, and had 501",
      });
    });
    expect(databasesOf(cluster)).toEqual(ALONE);
    expect(users()).toBe("900");
    expect(existsSync(join(agent.directory, "state/restores/db.json"))).toBe(false);
  });

  test("where its disk has no room for a second one", async () => {
    const change = (facts: Facts): Facts => ({ ...facts, size_bytes: 1e15 });
    await withOtherFacts(targetOf(cluster), "2026-01-01T00:00:00Z", change, context(), async () => {
      const failure = await failureOf(restore());
      expect(failure.code).toBe("restore.no-room");
      expect(failure.message).toMatch(
        / took 909 TB, and the server's disk has [\d.]+ [GT]B free, of which [\d.]+ [GM]B stay free$/,
      );
    });
    expect(databasesOf(cluster)).toEqual(ALONE);
  });

  test.each([
    [`restoring ${APP}`, null],
    [`comparing ${APP}`, null],
    ["restoring public.posts", "public.posts"],
  ])("where the signal comes while %s, which is no failure of the backup", async (phase, table) => {
    const stopping = new AbortController();
    const work = context(stopping.signal);
    const stopAt = (at: string) => (at === phase ? stopping.abort() : undefined);
    const watched = { ...work, progress: (progress: { phase: string }) => stopAt(progress.phase) };
    const failure = await failureOf(restoreDatabase(targetOf(cluster), { ...WHOLE, table }, watched));
    expect(failure).toMatchObject({ code: "agent.interrupted", detail: undefined });
    expect(databasesOf(cluster)).toEqual(ALONE);
    expect(users()).toBe("900");
  });

  test.each([[`analyzing ${APP}`], [`comparing ${APP}`], [`putting ${APP} in place`]])(
    "where it is killed while %s, and what it left is gone after the next drill",
    async (phase) => {
      killedAt(phase);
      const [restored] = databasesOf(cluster).filter((name) => name.includes("_restored_"));
      expect(restored).toBeDefined();
      expect(users()).toBe("900");
      // Looks as if it were ours.
      cluster.psql("postgres", `CREATE DATABASE ${APP}_restored_20200101000000`);
      await drillDatabase(targetOf(cluster), "latest", context());
      expect(databasesOf(cluster)).toEqual([...ALONE, `${APP}_restored_20200101000000`]);
      cluster.psql("postgres", `DROP DATABASE ${APP}_restored_20200101000000`);
    },
  );

  test("where its place is refused: what was restored stays for whoever uses it, until it is told to go", async () => {
    cluster.psql(
      APP,
      "CREATE SUBSCRIPTION s CONNECTION 'dbname=x' PUBLICATION p WITH (connect = false, slot_name = NONE)",
    );
    expect((await failureOf(restore())).code).toBe("restore.swap-refused");
    const [restored = ""] = databasesOf(cluster).filter((name) => name.includes("_restored_"));
    await tidyProduction(targetOf(cluster), context());
    expect(users(restored)).toBe("1000");
    expect(users()).toBe("900");
    cluster.psql(APP, "DROP SUBSCRIPTION s");
    await forgetAllKept();
  });

  test("where a single table is loaded and it is killed: no schema is left after the next tidying", async () => {
    const locking = spawnConnected("BEGIN; LOCK TABLE posts; SELECT pg_sleep(120)");
    const loaded =
      "SELECT oid::regclass FROM pg_class WHERE relname = 'posts' AND relnamespace::regnamespace::text";
    await until(
      () => cluster.psql(APP, "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock'") !== "0",
    );
    const script = join(import.meta.dirname, "restore-and-die.ts");
    const argv = [script, agent.directory, JSON.stringify(targetOf(cluster)), "never", "posts"];
    // With its programs, as a container's end does.
    const child = spawn(process.execPath, argv, { detached: true, stdio: "ignore" });
    await until(() => cluster.psql(APP, `${loaded} LIKE 'restored_%'`) !== "");
    process.kill(-(child.pid ?? 0), "SIGKILL");
    cluster.psql(
      "postgres",
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(120)%' AND pid <> pg_backend_pid()",
    );
    await locking;
    await tidyProduction(targetOf(cluster), context());
    expect(schemas()).toBe("public");
    expect(cluster.psql(APP, "SELECT count(*) FROM posts")).toBe("500");
    expect(databasesOf(cluster)).toEqual(ALONE);
    expect(existsSync(join(agent.directory, "state/restores/db.json"))).toBe(false);
  });
});

describe("puts back what was lost:", () => {
  test("a table, with its owner; the database of before is kept", async () => {
    cluster.psql(APP, "DROP TABLE users CASCADE; CREATE TABLE since (id int)");
    const { outcome, details } = await restore();
    expect(outcome).toBe("success");
    expect(details).toMatchObject({ database: APP, tables: 2, rows: 1500, compared: true, notes: [] });
    expect(users()).toBe("1000");
    expect(cluster.psql(APP, "SELECT tableowner FROM pg_tables WHERE tablename = 'users'")).toBe("app");
    expect(
      cluster.psql("postgres", `SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = '${APP}'`),
    ).toBe("app");
    expect(databasesOf(cluster)).toHaveLength(4);
    expect(cluster.psql(String(details["kept_as"]), "SELECT count(*) FROM since")).toBe("0");
  });

  test("and what is kept is no subject of backups, and stays until it is told to go", async () => {
    const { details } = await backupDatabase(targetOf(cluster), TAKE, context());
    expect(details["databases"]).toMatchObject([{ database: "other; db" }, { database: APP }]);
    cluster.psql("postgres", `CREATE DATABASE ${APP}_before_20200101000000`);
    const refused = failureOf(dropPrevious(targetOf(cluster), { database: null, confirm: "yes" }, context()));
    expect((await refused).code).toBe("restore.not-confirmed");
    const dropped = await dropPrevious(targetOf(cluster), { database: null, confirm: APP }, context());
    expect(dropped.details["dropped"]).toHaveLength(1);
    expect(databasesOf(cluster)).toEqual([...ALONE, `${APP}_before_20200101000000`].sort());
    cluster.psql("postgres", `DROP DATABASE ${APP}_before_20200101000000`);
    const again = await dropPrevious(targetOf(cluster), { database: null, confirm: APP }, context());
    expect(again).toMatchObject({ outcome: "skipped", details: { reason: "nothing kept" } });
  });

  test("all of the database, dropped with its role", async () => {
    cluster.psql("postgres", `DROP DATABASE ${APP}`);
    cluster.psql("postgres", "DROP ROLE app");
    const { details } = await restore();
    expect(details["kept_as"]).toBeNull();
    expect(users()).toBe("1000");
    expect(
      cluster.psql("postgres", "SELECT rolpassword LIKE 'SCRAM%' FROM pg_authid WHERE rolname = 'app'"),
    ).toBe("t");
    expect(databasesOf(cluster)).toEqual(ALONE);
  });

  test("another database of the server", async () => {
    cluster.psql("other; db", "TRUNCATE t");
    await restore({ database: "other; db", confirm: "other; db" });
    expect(cluster.psql("other; db", "SELECT count(*) FROM t")).toBe("2");
    await dropPrevious(targetOf(cluster), { database: "other; db", confirm: "other; db" }, context());
    expect(databasesOf(cluster)).toEqual(ALONE);
  });

  test("one table, while the others go on", async () => {
    cluster.psql(APP, "DELETE FROM posts WHERE id <= 200; INSERT INTO users VALUES (1001, 'since')");
    const { details } = await restore({ table: "posts" });
    expect(details).toMatchObject({ table: "public.posts", rows: 500, rows_before: 300, compared: true });
    expect(cluster.psql(APP, "SELECT count(*) FROM posts")).toBe("500");
    expect(users()).toBe("1001");
    expect(cluster.psql(APP, `SELECT count(*) FROM "${details["kept_in"]}".posts`)).toBe("300");
    expect(databasesOf(cluster)).toEqual(ALONE);
    agent.now = new Date(agent.now.getTime() + 1000);
    // A view would go on showing the old one.
    expect((await failureOf(restore({ table: "users" }))).code).toBe("restore.table-refused");
    expect(users()).toBe("1001");
    expect(databasesOf(cluster)).toEqual(ALONE);
    expect((await failureOf(restore({ table: "nothing" }))).code).toBe("restore.no-such-table");
    const before = String(details["kept_in"]);
    const refused = schemas()
      .split("\n")
      .find((name) => name.startsWith("restored_"));
    await tidyProduction(targetOf(cluster), context());
    expect(cluster.psql(APP, `SELECT count(*) FROM ${refused}.users`)).toBe("1000");
    cluster.psql(APP, "CREATE SCHEMA before_20200101000000");
    const dropped = await dropPrevious(targetOf(cluster), { database: null, confirm: APP }, context());
    expect(dropped.details["dropped"]).toEqual([before, refused]);
    expect(schemas()).toBe("before_20200101000000\npublic");
    cluster.psql(APP, "DROP SCHEMA before_20200101000000");
  });

  test("under people's connections, which are ended", async () => {
    cluster.psql(APP, "DELETE FROM users WHERE id <= 500");
    const connected = spawnConnected();
    await restore();
    expect(users()).toBe("1000");
    await connected;
    await forgetAllKept();
  });

  // The last one: the newest backup is another one afterwards.
  test("a database without what every new one has, which passes a drill, too", async () => {
    cluster.psql("other; db", "CREATE SCHEMA own; ALTER TABLE t SET SCHEMA own; DROP SCHEMA public");
    cluster.psql("other; db", "DROP EXTENSION plpgsql");
    await backupDatabase(targetOf(cluster), TAKE, context());
    const { details } = await drillDatabase(targetOf(cluster), "latest", context());
    expect(details["databases"]).toMatchObject([{ database: "other; db", differences: [] }, {}]);
    await restore({ database: "other; db", confirm: "other; db" });
    const left =
      "SELECT (SELECT count(*) FROM own.t), to_regnamespace('public'), (SELECT count(*) FROM pg_extension)";
    expect(cluster.psql("other; db", left)).toBe("2||0");
  });
});

async function until(holds: () => boolean): Promise<void> {
  for (let tenths = 0; !holds(); tenths++) {
    if (tenths > 300) throw new Error("it did not come to that within 30 seconds");
    await setTimeout(100);
  }
}

/** Sleeps in the production database; its end, however it ends. */
async function spawnConnected(sql = "SELECT pg_sleep(120)"): Promise<void> {
  const env = {
    ...process.env,
    PGHOST: cluster.directory,
    PGPORT: String(cluster.port),
    PGUSER: "teamyap",
    PGDATABASE: APP,
  };
  const child = spawn("psql", ["-X", "-c", sql], { env, stdio: "ignore" });
  await new Promise((resolve) => child.on("exit", resolve));
}

/** Restores in a process of its own, which dies when that phase begins. */
function killedAt(phase: string): void {
  const script = join(import.meta.dirname, "restore-and-die.ts");
  const argv = [script, agent.directory, JSON.stringify(targetOf(cluster)), phase];
  const { signal, stderr } = spawnSync(process.execPath, argv, { encoding: "utf8" });
  expect({ signal, stderr }).toEqual({ signal: "SIGKILL", stderr: "" });
}
