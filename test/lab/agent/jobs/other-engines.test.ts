import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { backupDatabase } from "../../../../src/agent/jobs/backup-database.ts";
import { drillDatabase } from "../../../../src/agent/jobs/drill-database.ts";
import { dropPrevious } from "../../../../src/agent/jobs/drop-previous.ts";
import { initRepository } from "../../../../src/agent/jobs/init.ts";
import { madeDatabases, noteMade } from "../../../../src/agent/jobs/made-databases.ts";
import { restoreDatabase } from "../../../../src/agent/jobs/restore-database.ts";
import type { AgentAssertion, ServerTarget, SqliteTarget } from "../../../../src/model/agent-policy.ts";
import { mysql } from "../../../../src/agent/engines/mysql/index.ts";
import { swapDatabases } from "../../../../src/agent/engines/mysql/swap.ts";
import { dyingClient } from "../engines/mysql/dying-client.ts";
import { backUp, type Production, startProduction } from "../engines/mysql/production.ts";
import { type Agent, failureOf, makeAgent } from "./support.ts";

const TAKE = { force: true, acceptSmaller: false };
const WHOLE = { selector: "latest", database: null, table: null };

const plan = {
  schedule: "@daily",
  jitter_seconds: 0,
  repository: "offsite",
  retention: null,
  check: null,
  prune: null,
};
const objectives = { rpo_seconds: null, rto_seconds: null };
const users: AgentAssertion = {
  name: "users",
  sql: "SELECT count(*) FROM users",
  database: null,
  min: 3,
  equals: null,
};
const truth: AgentAssertion = { ...users, name: "truth", sql: "SELECT 1 = 1", min: null, equals: true };

describe("SQLite", () => {
  let agent: Agent;
  let path: string;
  const target = (): SqliteTarget => ({
    type: "sqlite",
    name: "db",
    path,
    backup: plan,
    objectives,
    drill: { schedule: "@weekly", assertions: [users, truth] },
  });
  const context = () => agent.context([target()]);
  const sql = (text: string) => execFileSync("sqlite3", [path, text], { encoding: "utf8" }).trim();

  beforeAll(async () => {
    agent = makeAgent();
    mkdirSync(join(agent.directory, "data"));
    path = join(agent.directory, "data/production.sqlite3");
    await initRepository(agent.repository, agent.context([]));
  });
  afterAll(() => agent.remove());

  test("is backed up, drilled and restored", async () => {
    sql("CREATE TABLE gone (id INTEGER); DROP TABLE gone;");
    expect((await failureOf(backupDatabase(target(), TAKE, context()))).code).toBe("backup.empty");
    sql(
      "CREATE TABLE users (id INTEGER); INSERT INTO users VALUES (1), (2), (3); CREATE VIEW v AS SELECT 1;",
    );
    await backupDatabase(target(), TAKE, context());
    expect((await drillDatabase(target(), "latest", context())).outcome).toBe("success");
    sql("DELETE FROM users");
    const confirm = "production";
    expect((await failureOf(restoreDatabase(target(), { ...WHOLE, confirm: "yes" }, context()))).code).toBe(
      "restore.not-confirmed",
    );
    const { details } = await restoreDatabase(target(), { ...WHOLE, confirm }, context());
    expect(sql("SELECT count(*) FROM users")).toBe("3");
    expect(readdirSync(join(agent.directory, "data")).sort()).toEqual([
      "production.sqlite3",
      `${details["kept_as"]}.sqlite3`,
    ]);
    expect(
      (await failureOf(restoreDatabase(target(), { ...WHOLE, table: "users", confirm }, context()))).code,
    ).toBe("restore.not-possible");
    await dropPrevious(target(), { database: null, confirm }, context());
    rmSync(path);
    expect((await restoreDatabase(target(), { ...WHOLE, confirm }, context())).details["kept_as"]).toBeNull();
    expect(sql("SELECT count(*) FROM users")).toBe("3");
    expect(readdirSync(join(agent.directory, "data"))).toEqual(["production.sqlite3"]);
    expect(readdirSync(join(agent.directory, "scratch"))).toEqual([]);
  });
});

describe("MariaDB", () => {
  let agent: Agent;
  let production: Production;
  const target = (): ServerTarget => ({
    ...production.target,
    connection: { ...production.target.connection, database: "shop" },
    backup: plan,
    drill: { schedule: "@weekly", assertions: [users, truth] },
  });
  // The password of that server, not of PostgreSQL's.
  const context = () => {
    const reveal = agent.context([target()]).reveal;
    const own = production.context.reveal;
    return {
      ...agent.context([target()]),
      reveal: (value: Parameters<typeof reveal>[0]) =>
        value === production.target.connection.password ? own(value) : reveal(value),
    };
  };

  beforeAll(async () => {
    agent = makeAgent();
    production = await startProduction();
    await production.client.script(
      `CREATE DATABASE shop; CREATE DATABASE other; CREATE TABLE other.t (id INT);
       CREATE TABLE shop.users (id INT PRIMARY KEY); INSERT INTO shop.users VALUES (1), (2), (3);
       CREATE VIEW shop.v AS SELECT id FROM shop.users;`,
    );
    await initRepository(agent.repository, agent.context([]));
  });
  afterAll(async () => {
    await production.stop();
    agent.remove();
  });

  test("is backed up, drilled and restored", async () => {
    await backupDatabase(target(), TAKE, context());
    expect((await drillDatabase(target(), "latest", context())).details).toMatchObject({
      databases: [
        { database: "other", tables: 1, differences: [] },
        { database: "shop", rows: 3, differences: [] },
      ],
      assertions: [{ passed: true }, { passed: true }],
    });
    await production.client.script("DELETE FROM shop.users");
    const { details } = await restoreDatabase(target(), { ...WHOLE, confirm: "shop" }, context());
    expect(await production.client.query("SELECT count(*) FROM shop.v")).toEqual([["3"]]);
    expect(await production.client.query(`SELECT count(*) FROM ${details["kept_as"]}.users`)).toEqual([
      ["0"],
    ]);
    await dropPrevious(target(), { database: null, confirm: "shop" }, context());
    const names = (await production.client.query("SHOW DATABASES")).map(([name]) => name);
    expect(names.filter((name) => name?.startsWith("shop"))).toEqual(["shop"]);
    expect(readdirSync(join(agent.directory, "scratch"))).toEqual([]);
  });

  test("half exchanged by a restore that was killed, it is whole again before it is backed up", async () => {
    const { client } = production;
    const trigger = "CREATE TRIGGER checks BEFORE INSERT ON users FOR EACH ROW SET NEW.id = NEW.id";
    await client.script(trigger, "shop");
    const triggers = async () => (await client.query("SHOW TRIGGERS", "shop")).length;
    const names = { live: "shop", restored: "shop_restored_1", kept: "shop_before_2" };
    const server = await mysql.connect(target(), context());
    await server.restore((await backUp(production, "shop")).dump, names.restored, "shop");
    const at = new Date().toISOString();
    noteMade(
      target(),
      { name: names.restored, of: "shop", stage: "swapping", keptAs: names.kept, at },
      context(),
    );
    // The tables are exchanged, and what belongs to them is not made anew yet.
    await expect(swapDatabases(dyingClient(client, 3, true), names, context())).rejects.toThrow("killed");
    expect(await triggers()).toBe(0);
    await backupDatabase(target(), TAKE, context());
    expect(await triggers()).toBe(1);
    expect(madeDatabases(target(), context())).toMatchObject([{ name: names.kept, stage: "kept" }]);
    expect((await drillDatabase(target(), "latest", context())).outcome).toBe("success");
    await dropPrevious(target(), { database: null, confirm: "shop" }, context());
    await server.close();
  });

  test("a restore that failed before it moved a table is not carried out by a later drill", async () => {
    const { client } = production;
    await client.script(
      "CREATE TABLE gone (id INT); CREATE VIEW broken AS SELECT id FROM gone; DROP TABLE gone",
      "shop",
    );
    const failure = await failureOf(restoreDatabase(target(), { ...WHOLE, confirm: "shop" }, context()));
    expect(failure).toMatchObject({ code: "engine.failed", message: expect.stringContaining("1356") });
    await client.script("DROP VIEW broken; INSERT INTO users VALUES (4), (5), (6)", "shop");
    expect((await drillDatabase(target(), "latest", context())).outcome).toBe("success");
    expect(await client.query("SELECT count(*) FROM users", "shop")).toEqual([["6"]]);
    expect(madeDatabases(target(), context())).toEqual([]);
    expect(await client.query("SHOW DATABASES LIKE 'shop%'")).toEqual([["shop"]]);
  });

  test("a trigger that names its database is refused in words, and production stays as it is", async () => {
    const { client } = production;
    await client.script(
      "CREATE TRIGGER shop.named BEFORE UPDATE ON shop.users FOR EACH ROW SET NEW.id = NEW.id",
    );
    agent.now = new Date(agent.now.getTime() + 60_000);
    await backupDatabase(target(), TAKE, context());
    const failure = await failureOf(restoreDatabase(target(), { ...WHOLE, confirm: "shop" }, context()));
    expect(failure).toMatchObject({
      code: "restore.failed",
      todo: expect.stringContaining("CREATE TRIGGER"),
    });
    expect(await client.query("SHOW DATABASES LIKE 'shop%'")).toEqual([["shop"]]);
    expect(await client.query("SHOW TRIGGERS", "shop")).toHaveLength(2);
  });
});
