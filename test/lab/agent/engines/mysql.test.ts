import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compareFacts } from "../../../../src/agent/jobs/compare-facts.ts";
import { mysql } from "../../../../src/agent/engines/mysql/index.ts";
import { restoreDump } from "../../../../src/agent/engines/mysql/restore.ts";
import { runTool } from "../../../../src/tools/run.ts";
import {
  backUp,
  failureOf,
  fromFile,
  type Production,
  PASSWORD,
  startProduction,
  targetOf,
} from "./mysql/production.ts";

let production: Production;

beforeAll(async () => {
  production = await startProduction();
  await production.client.script(readFileSync(join(import.meta.dirname, "mysql/seed.sql"), "utf8"));
});
afterAll(() => production.stop());

const ROWS = { audit: 0, customers: 4, nothing: 0, "odd `name": 3, orders: 2 };

function scratch(): string[] {
  return readdirSync(production.context.scratchDirectory);
}

function rowsOf(facts: { readonly tables: Readonly<Record<string, { readonly rows: number }>> }) {
  return Object.fromEntries(Object.entries(facts.tables).map(([name, { rows }]) => [name, rows]));
}

describe("a backup", () => {
  test("has facts counted from the dump itself, and everything else of the database", async () => {
    const before = scratch();
    const { facts, dump, file } = await backUp(production, "shop");
    expect(rowsOf(facts)).toEqual(ROWS);
    expect(facts.objects).toEqual({
      views: 2,
      procedures: 1,
      functions: 1,
      triggers: 1,
      events: 1,
      "foreign keys": 1,
    });
    expect(facts.size_bytes).toBeGreaterThan(0);
    await mysql.verifyDump(dump, facts, production.context);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(production.logged.join("\n")).toContain("odd `name cannot be read in a transaction");
    expect(scratch()).toEqual(before);
  });

  test("of an empty database is whole, and says that it has no tables", async () => {
    const { facts, dump } = await backUp(production, "void");
    expect(facts.tables).toEqual({});
    await mysql.verifyDump(dump, facts, production.context);
  });

  test("counts what is in the dump while others write", async () => {
    await production.client.script(`CREATE DATABASE busy; CREATE TABLE busy.t (id INT AUTO_INCREMENT PRIMARY KEY, s TEXT);
      INSERT INTO busy.t (s) SELECT REPEAT('x', 2000) FROM information_schema.COLUMNS`);
    let writing = true;
    let written = 0;
    const writer = (async () => {
      while (writing) {
        await production.client.script("INSERT INTO busy.t (s) VALUES ('(),('), ('b')");
        written++;
      }
    })();
    const { facts, dump } = await backUp(production, "busy");
    writing = false;
    await writer;
    expect(written).toBeGreaterThan(0);
    const server = await mysql.connect(production.target, production.context);
    await server.restore(dump, "busy_again", "busy");
    expect(rowsOf(await server.facts("busy_again"))).toEqual(rowsOf(facts));
    await server.drop("busy");
    await server.drop("busy_again");
    await server.close();
  });

  test("fails when the server ends the dump half-way, and gives no facts", async () => {
    await production.client.script(`CREATE DATABASE slow; CREATE TABLE slow.t (id INT AUTO_INCREMENT PRIMARY KEY, s LONGTEXT);
      INSERT INTO slow.t (s) SELECT REPEAT('x', 40000) FROM information_schema.COLUMNS`);
    const source = await mysql.open(production.target, production.context);
    const dump = source.databases.find(({ name }) => name === "slow")?.dump;
    if (dump === undefined) throw new Error("no database slow");
    // The reader stops, so the dump waits for it in the middle of the table.
    const reader = 'set -o pipefail; "$0" "$@" | (head -c 100000; sleep 3; cat) >/dev/null';
    const slowly = { program: "bash", argv: ["-c", reader, dump.program, ...dump.argv], env: {} };
    const running = runTool(slowly, { signal: production.context.signal });
    await wait(2000);
    const sessions = await production.client.query(
      "SELECT ID FROM information_schema.PROCESSLIST WHERE DB = 'slow'",
    );
    expect(sessions).toHaveLength(1);
    await production.client.script(`KILL ${sessions[0]?.[0]}`);
    const result = await running;
    expect(result.exitCode).not.toBe(0);
    expect(result.stderr).toContain("produce-mysql: ");
    const counts = dump.argv.find((each) => each.includes("counts-")) ?? "";
    expect(counts).not.toBe("");
    expect(existsSync(counts)).toBe(false);
    await source.close();
    await production.client.script("DROP DATABASE slow");
  });

  test("shows the password to nobody", async () => {
    const source = await mysql.open(production.target, production.context);
    for (const { dump } of source.databases) expect(JSON.stringify(dump)).not.toContain("canary");
    const directory = join(
      production.context.scratchDirectory,
      readdirSync(production.context.scratchDirectory).at(-1) ?? "",
    );
    const file = join(directory, "login.cnf");
    expect(readFileSync(file, "utf8")).toContain("canary");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await source.close();
    expect(existsSync(file)).toBe(false);
  });

  test("tells a wrong password from a server that is away", async () => {
    const { host } = production.target.connection;
    const wrong = await failureOf(mysql.open(targetOf(host, "wrong"), production.context));
    expect(wrong.code).toBe("engine.refused");
    const away = await failureOf(mysql.open(targetOf("/nowhere", PASSWORD), production.context));
    expect(away.code).toBe("engine.unreachable");
  });
});

describe("a restore", () => {
  test("of a cut off dump fails, and its new database is gone", async () => {
    const { file, facts } = await backUp(production, "shop");
    const cut = `${file}.cut`;
    const text = readFileSync(file, "utf8");
    writeFileSync(cut, text.slice(0, text.indexOf("'Zoë'") + 3));
    const server = await mysql.connect(production.target, production.context);
    const before = await server.databases();
    const failure = await failureOf(server.restore(fromFile(cut), "shop_cut", "shop"));
    expect(failure.code).toBe("restore.failed");
    expect(await server.databases()).toEqual(before);
    expect((await failureOf(mysql.verifyDump(fromFile(cut), facts, production.context))).code).toBe(
      "dump.unreadable",
    );
    const taken = await failureOf(server.restore(fromFile(file), "shop", "shop"));
    expect(taken.message).toContain("There is a database shop already");
    expect(rowsOf(await server.facts("shop"))).toEqual(ROWS);
    await server.close();
  });

  test("into a server of another kind tells a dump that broke off from one that it refuses", async () => {
    const { file } = await backUp(production, "shop");
    const { client, context } = production;
    const into = { into: "shop_drill", asIf: "shop", standIn: "MariaDB" };
    const text = readFileSync(file, "utf8");
    const half = `head -c ${text.indexOf("'Zoë'") + 3} "$0"; echo the storage is gone >&2; exit 1`;
    const broken = { program: "sh", argv: ["-c", half, file], env: {} };
    expect(await failureOf(restoreDump(client, broken, into, context))).toMatchObject({
      code: "restore.failed",
      message: expect.stringContaining("the storage is gone"),
    });
    const foreign = { program: "sh", argv: ["-c", "echo 'CREATE TABLE t (n NUMBER(3));'"], env: {} };
    expect((await failureOf(restoreDump(client, foreign, into, context))).code).toBe("drill.other-server");
  });

  test("takes the place of the live database, which is kept", async () => {
    const { dump, facts } = await backUp(production, "shop");
    await production.client.script(
      `USE shop; INSERT INTO orders (customer_id, price) VALUES (3, 30); DROP VIEW best; CREATE TABLE best (id INT);
       DROP FUNCTION customer_count; CREATE TABLE later (id INT); CREATE PROCEDURE later_one() SELECT 1`,
    );
    const server = await mysql.connect(production.target, production.context);
    await server.restore(dump, "shop_new", "shop");
    expect(await server.facts("shop_new")).toEqual({
      ...facts,
      database: "shop_new",
      size_bytes: expect.any(Number),
    });
    expect(await eventsOf("shop_new")).toEqual([["grow", "DISABLED"]]);

    await server.swap("shop_new", "shop", "shop_old");
    const live = await server.facts("shop");
    expect(rowsOf(live)).toEqual(ROWS);
    expect(live.objects).toEqual(facts.objects);
    expect(await eventsOf("shop")).toEqual([["grow", "ENABLED"]]);
    expect(await server.ask("shop", "SELECT COUNT(*) FROM best;")).toBe(1);
    expect(await server.ask("shop", "SELECT customer_count()")).toBe(4);
    await production.client.script(
      "USE shop; INSERT INTO orders (customer_id, price) VALUES (1, 1); CALL add_customer('new')",
    );
    expect(await server.ask("shop", "SELECT what FROM audit")).toBe("order 3");
    const orphan = await failureOf(
      production.client.script("INSERT INTO shop.orders (customer_id, price) VALUES (99, 1)"),
    );
    expect(orphan.message).toContain("foreign key");

    const kept = await server.facts("shop_old");
    expect(rowsOf(kept)).toEqual({ ...ROWS, orders: 3, audit: 1, best: 0, later: 0 });
    expect(kept.objects).toEqual({ views: 1, procedures: 2, triggers: 1, events: 1, "foreign keys": 1 });
    expect(await eventsOf("shop_old")).toEqual([["grow", "DISABLED"]]);
    expect(await server.databases()).not.toContain("shop_new");
    expect(readdirSync(join(production.context.stateDirectory, "mysql"))).toEqual([]);
    await production.client.script(
      "DELETE FROM shop.orders WHERE id > 2; DELETE FROM shop.audit; DELETE FROM shop.customers WHERE name = 'new'",
    );
    await server.drop("shop_old");
    await server.close();
  });

  test("ends a transaction that holds a table", async () => {
    const { dump } = await backUp(production, "shop");
    const server = await mysql.connect(production.target, production.context);
    await server.restore(dump, "shop_new", "shop");
    const holding = runTool(production.client.tool("shop"), {
      signal: production.context.signal,
      stdin: "START TRANSACTION; UPDATE customers SET name = 'held' WHERE id = 1; SELECT SLEEP(300);",
    });
    await wait(500);
    await server.swap("shop_new", "shop", "shop_old");
    expect((await holding).exitCode).not.toBe(0);
    expect(rowsOf(await server.facts("shop"))).toEqual(ROWS);
    expect(await server.ask("shop_old", "SELECT name FROM customers WHERE id = 1")).toBe("Zoë");
    await server.drop("shop_old");
    await server.close();
  }, 60_000);
});

async function eventsOf(database: string): Promise<string[][]> {
  return await production.client.query(
    `SELECT EVENT_NAME, STATUS FROM information_schema.EVENTS WHERE EVENT_SCHEMA = '${database}'`,
  );
}

describe("a throwaway server", () => {
  test("takes users, grants and a database, and leaves nothing", async () => {
    const { dump, facts, globals, file } = await backUp(production, "shop");
    expect(globals).not.toContain("IDENTIFIED BY 'app-password'");
    const throwaway = await mysql.startThrowaway(production.target, production.context);
    await throwaway.restore(dump, "shop", "shop");
    await throwaway.restoreGlobals(globals);
    expect((await throwaway.facts("shop")).tables).toEqual(facts.tables);
    expect(
      await throwaway.ask("mysql", "SELECT COUNT(*) FROM mysql.user WHERE User IN ('app', 'reader')"),
    ).toBe(2);
    expect(
      await throwaway.ask("mysql", "SELECT COUNT(*) FROM mysql.columns_priv WHERE User = 'reader'"),
    ).toBe(2);
    // Again: what is there stays as it is.
    await throwaway.restoreGlobals(globals.replaceAll("SELECT", "DELETE"));
    expect(
      await throwaway.ask("mysql", "SELECT COUNT(*) FROM mysql.columns_priv WHERE User = 'reader'"),
    ).toBe(2);
    expect((await failureOf(throwaway.ask("shop", "SELECT nonsense"))).message).toContain("nonsense");

    // MariaDB writes it as [ON], which is no JSON.
    expect(await throwaway.ask("shop", "SELECT @@skip_networking")).toBe("ON");

    const plain = `${file}.plain`;
    await mysql.plain(dump, globals, plain, production.context);
    expect(readFileSync(plain, "utf8")).not.toContain("sandbox");
    await throwaway.restore(fromFile(plain), "plain", "shop");
    expect((await throwaway.facts("plain")).tables).toEqual(facts.tables);
    await throwaway.stop();
    await throwaway.stop();
    expect(readdirSync(production.context.scratchDirectory).filter((name) => name.includes("drill"))).toEqual(
      [],
    );
  });

  test("has no event whose time is over since the backup, and that is no fault of it", async () => {
    await production.client.script(`CREATE DATABASE timed; CREATE TABLE timed.t (id INT);
      CREATE EVENT timed.once ON SCHEDULE AT CURRENT_TIMESTAMP + INTERVAL 3 SECOND DO DELETE FROM timed.t;
      CREATE EVENT timed.ends ON SCHEDULE EVERY 1 SECOND ENDS CURRENT_TIMESTAMP + INTERVAL 3 SECOND DO DELETE FROM timed.t;
      CREATE EVENT timed.kept ON SCHEDULE AT CURRENT_TIMESTAMP + INTERVAL 3 SECOND ON COMPLETION PRESERVE
        DO DELETE FROM timed.t;`);
    const { dump, facts } = await backUp(production, "timed");
    expect(facts.objects).toEqual({ events: 3, "lapsing events": 2 });
    const throwaway = await mysql.startThrowaway(production.target, production.context);
    await wait(3000);
    await throwaway.restore(dump, "timed", "timed");
    const { differences, notes } = compareFacts(facts, await throwaway.facts("timed"));
    expect(differences).toEqual([]);
    expect(notes).toEqual([expect.stringContaining("2 events did not come back")]);
    await throwaway.stop();
    await production.client.script("DROP DATABASE timed");
  });

  test("of an agent that was killed is ended and removed by the next one", async () => {
    const killed = spawn(
      process.execPath,
      [join(import.meta.dirname, "mysql/drill-and-die.ts"), production.directory],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    await once(killed.stdout, "data");
    const left = join(
      production.context.scratchDirectory,
      scratch().find((name) => name.includes("drill")) ?? "",
    );
    const pid = Number(readFileSync(join(left, "server.pid"), "utf8"));
    killed.kill("SIGKILL");
    await once(killed, "close");
    expect(() => process.kill(pid, 0)).not.toThrow();
    const throwaway = await mysql.startThrowaway(production.target, production.context);
    expect(existsSync(left)).toBe(false);
    await expect.poll(() => existsSync(`/proc/${pid}/exe`)).toBe(false);
    expect(production.logged.join("\n")).toContain("removed a throwaway server that was left over");
    await throwaway.stop();
  });
});
