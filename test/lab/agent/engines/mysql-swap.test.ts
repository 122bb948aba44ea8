import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Client } from "../../../../src/agent/engines/mysql/client.ts";
import { mysql } from "../../../../src/agent/engines/mysql/index.ts";
import { swapDatabases } from "../../../../src/agent/engines/mysql/swap.ts";
import { takeBackSwap } from "../../../../src/agent/engines/mysql/swap-back.ts";
import { dyingClient } from "./mysql/dying-client.ts";
import { backUp, failureOf, type Production, startProduction } from "./mysql/production.ts";

let production: Production;

beforeAll(async () => {
  production = await startProduction();
  await production.client.script(readFileSync(join(import.meta.dirname, "mysql/seed.sql"), "utf8"));
});
afterAll(() => production.stop());

const NAMES = { live: "shop", restored: "shop_new", kept: "shop_old" };

async function rowsOf(database: string): Promise<Record<string, number>> {
  const rows = await production.client.query(
    "SELECT 'customers', COUNT(*) FROM customers UNION ALL SELECT 'orders', COUNT(*) FROM orders",
    database,
  );
  return Object.fromEntries(rows.map(([table, count]) => [table, Number(count)]));
}

test("killed between any two of its steps, one database is in place, and called again it goes on", async () => {
  const server = await mysql.connect(production.target, production.context);
  const { dump, facts } = await backUp(production, "shop");
  await production.client.script("INSERT INTO shop.customers (name) VALUES ('after the backup')");
  const old = (await server.facts("shop")).objects;
  let finished = false;
  let deaths = 0;
  for (let at = 1; !finished; at++) {
    for (const after of [false, true]) {
      await server.restore(dump, NAMES.restored, "shop");
      const dying = swapDatabases(dyingClient(production.client, at, after), NAMES, production.context);
      finished = await dying.then(
        () => true,
        () => false,
      );
      if (!finished) deaths++;
      expect([4, 5]).toContain((await rowsOf("shop"))["customers"]);
      await swapDatabases(production.client, NAMES, production.context);
      const live = await server.facts("shop");
      expect(live.tables).toEqual(facts.tables);
      expect(live.objects).toEqual(facts.objects);
      expect((await rowsOf("shop_old"))["customers"]).toBe(5);
      expect((await server.facts("shop_old")).objects).toEqual(old);
      expect(await server.databases()).toEqual(["shop", "shop_old", "void"]);
      expect(readdirSync(join(production.context.stateDirectory, "mysql"))).toEqual([]);
      await server.drop("shop_old");
      await production.client.script("INSERT INTO shop.customers (name) VALUES ('after the backup')");
    }
  }
  expect(deaths).toBeGreaterThan(6);
  await production.client.script("DELETE FROM shop.customers WHERE name = 'after the backup'");
  await server.close();
}, 300_000);

test("one that was killed before it moved a table is taken back, and one that moved them is not", async () => {
  const server = await mysql.connect(production.target, production.context);
  const { dump } = await backUp(production, "shop");
  await production.client.script("INSERT INTO shop.customers (name) VALUES ('after the backup')");
  const before = await server.facts("shop");
  const seen: boolean[] = [];
  for (let at = 1, finished = false; !finished; at++) {
    await server.restore(dump, NAMES.restored, "shop");
    const dying = swapDatabases(dyingClient(production.client, at, true), NAMES, production.context);
    finished = await dying.then(
      () => true,
      () => false,
    );
    const isMoved = (await rowsOf("shop"))["customers"] === 4;
    const isTakenBack = await takeBackSwap(production.client, NAMES, production.context);
    expect(isTakenBack).toBe(!isMoved);
    seen.push(isTakenBack);
    if (isTakenBack) {
      expect(await server.facts("shop")).toEqual(before);
      expect(await server.databases()).toEqual(["shop", "shop_new", "void"]);
      await server.drop("shop_new");
    } else {
      await swapDatabases(production.client, NAMES, production.context);
      await server.drop("shop_old");
      await production.client.script("INSERT INTO shop.customers (name) VALUES ('after the backup')");
    }
    expect(readdirSync(join(production.context.stateDirectory, "mysql"))).toEqual([]);
  }
  expect([...new Set(seen)]).toEqual([true, false]);
  await production.client.script("DELETE FROM shop.customers WHERE name = 'after the backup'");
  await server.close();
}, 300_000);

test("one that was killed does not stand in the way of another restored database", async () => {
  const server = await mysql.connect(production.target, production.context);
  const { dump, facts } = await backUp(production, "shop");
  await server.restore(dump, "shop_first", "shop");
  // Dies in the moment itself, when the live triggers are gone.
  let dead = false;
  const unlessDead = <Result>(work: () => Promise<Result>): Promise<Result> =>
    dead ? Promise.reject(new Error("killed")) : work();
  const dying: Client = {
    ...production.client,
    query: (...args) => unlessDead(() => production.client.query(...args)),
    script: async (sql, database) => {
      const at = sql.indexOf("RENAME TABLE");
      await unlessDead(() => production.client.script(at === -1 ? sql : sql.slice(0, at), database));
      dead ||= at !== -1;
      if (dead) throw new Error("killed");
    },
  };
  const names = { live: "shop", restored: "shop_first", kept: "shop_kept" };
  await expect(swapDatabases(dying, names, production.context)).rejects.toThrow("killed");
  expect((await server.facts("shop")).objects["triggers"]).toBe(undefined);
  await server.drop("shop_first");
  await server.restore(dump, "shop_second", "shop");
  await server.swap("shop_second", "shop", "shop_old");
  expect((await server.facts("shop")).objects).toEqual(facts.objects);
  expect((await server.facts("shop_old")).objects).toEqual(facts.objects);
  await server.drop("shop_old");
  expect(await server.databases()).toEqual(["shop", "void"]);
  await server.close();
});

test("a database that is gone is put back, and nothing is kept", async () => {
  const server = await mysql.connect(production.target, production.context);
  const { dump, facts } = await backUp(production, "shop");
  await production.client.script("DROP DATABASE shop");
  await server.restore(dump, "shop_new", "shop");
  await server.swap("shop_new", "shop", "shop_old");
  expect((await server.facts("shop")).tables).toEqual(facts.tables);
  expect((await server.facts("shop")).objects).toEqual(facts.objects);
  expect(await server.databases()).toEqual(["shop", "void"]);
  await server.close();
});

test("foreign keys of another database refuse it, and nothing is changed", async () => {
  const server = await mysql.connect(production.target, production.context);
  const { dump, facts } = await backUp(production, "shop");
  await production.client.script(`CREATE DATABASE other;
    CREATE TABLE other.t (id INT, FOREIGN KEY (id) REFERENCES shop.customers (id)) ENGINE=InnoDB`);
  await server.restore(dump, "shop_new", "shop");
  const failure = await failureOf(server.swap("shop_new", "shop", "shop_old"));
  expect(failure.code).toBe("restore.swap-refused");
  expect(failure.message).toContain("other.t");
  expect((await server.facts("shop")).objects).toEqual(facts.objects);
  expect(await server.databases()).toEqual(["other", "shop", "shop_new", "void"]);
  await server.close();
});
