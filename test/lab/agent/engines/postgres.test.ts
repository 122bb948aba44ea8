import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Producer, Server, Throwaway } from "../../../../src/agent/engines/engine.ts";
import { postgres } from "../../../../src/agent/engines/postgres/index.ts";
import type { Failure } from "../../../../src/errors.ts";
import { psqlArgv } from "../../../../src/hosts/psql.ts";
import type { Facts } from "../../../../src/model/ledger.ts";
import { runTool } from "../../../../src/tools/run.ts";
import { type Cluster, PASSWORD, SUPERUSER, scratch, startCluster } from "./postgres-cluster.ts";
import { contextIn, targetAt } from "./postgres-context.ts";
import { DATABASE, FINGERPRINT, ROLE_FINGERPRINT, ROLES } from "./postgres-seed.ts";

const APP = "teamyap_production";

let source: Cluster;
let directory: string;
let dumpFile: string;
let facts: Facts;
let globals: string;

/** Makes its owner a superuser as soon as one of those looks for a name, or compares texts, by the database's path. */
const TRAP = `CREATE SCHEMA evil; ALTER DATABASE trap SET search_path = evil, pg_catalog;
  CREATE FUNCTION evil.gain() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
    ALTER ROLE mallory SUPERUSER; RETURN true; END $$;
  CREATE FUNCTION evil.eq(text, text) RETURNS boolean LANGUAGE sql
    AS 'SELECT evil.gain() AND $1 OPERATOR(pg_catalog.=) $2';
  CREATE FUNCTION evil.eq(name, name) RETURNS boolean LANGUAGE sql
    AS 'SELECT evil.gain() AND $1 OPERATOR(pg_catalog.=) $2';
  CREATE OPERATOR evil.= (FUNCTION = evil.eq, LEFTARG = text, RIGHTARG = text);
  CREATE OPERATOR evil.= (FUNCTION = evil.eq, LEFTARG = name, RIGHTARG = name)`;

const reached = ({ directory: host, port }: Cluster, database: string) => ({
  PGHOST: host,
  PGPORT: String(port),
  PGUSER: SUPERUSER,
  PGDATABASE: database,
});

const dump = (): Producer => ({ program: "cat", argv: [dumpFile], env: {} });
const context = () => contextIn(directory);
const target = (cluster: Cluster) => targetAt(cluster.port);

beforeAll(async () => {
  directory = scratch();
  dumpFile = join(directory, "app.pgdump");
  source = await startCluster();
  const fast = join(source.directory, "fast");
  source.psql("postgres", `COPY (SELECT 1) TO PROGRAM 'cat >/dev/null; mkdir ${fast}'`);
  source.psql("postgres", `CREATE TABLESPACE fast LOCATION '${fast}'`);
  source.psql("postgres", `${ROLES} CREATE DATABASE ${APP} OWNER app; CREATE DATABASE "odd = name";`);
  source.psql("postgres", DATABASE);
  source.psql("odd = name", "CREATE TABLE t (i int); INSERT INTO t VALUES (1)");
});

afterAll(() => {
  source.stop();
  rmSync(join(directory, ".."), { recursive: true, force: true });
});

describe("a backup", () => {
  test("dumps every database and counts what the dump holds, while rows come in", async () => {
    const opened = await postgres.open(target(source), context());
    try {
      expect(opened.databases.map(({ name }) => name)).toEqual(["odd = name", APP]);
      const database = opened.databases.find(({ name }) => name === APP);
      if (database === undefined) throw new Error("not opened");
      expect(JSON.stringify(database.dump.argv)).not.toContain(PASSWORD);
      source.psql(APP, "INSERT INTO app.accounts (email) VALUES ('late@example.com')");
      const dumped = runTool(database.dump, { signal: context().signal, stdoutToFile: dumpFile });
      facts = await database.facts();
      expect(await dumped).toMatchObject({ exitCode: 0, stderr: "" });
      globals = (await opened.globals()) ?? "";
      expect(facts.tables["app.accounts"]).toEqual({ rows: 500, exact: true });
      expect(database.tableCount).toBe(Object.keys(facts.tables).length);
    } finally {
      await opened.close();
      source.psql(APP, "DELETE FROM app.accounts WHERE email = 'late@example.com'");
    }
    expect(facts.tables).toMatchObject({
      "app.events_2025": { rows: 30 },
      "app.events_2026": { rows: 30 },
      "app.sessions": { rows: 7 },
      "app.Odd name.with dot": { rows: 2 },
      "app.nothing": { rows: 1 },
      "app.parent": { rows: 1 },
      "app.child": { rows: 2 },
    });
    expect(facts.tables).not.toHaveProperty("app.events");
    expect(facts.extensions).toHaveProperty("citext");
    expect(facts.objects).toMatchObject({
      event_triggers: 1,
      functions: 3,
      large_objects: 2,
      materialized_views: 1,
      partitioned_tables: 1,
      policies: 1,
      procedures: 1,
      publications: 1,
      triggers: 1,
      types: 2,
      views: 1,
    });
    expect(globals).toContain("CREATE ROLE app");
    await postgres.verifyDump(dump(), facts, context());
  });

  test("the maintenance database counts once somebody uses it", async () => {
    source.psql("postgres", "CREATE TABLE mine (i int)");
    const opened = await postgres.open(target(source), context());
    await opened.close();
    source.psql("postgres", "DROP TABLE mine");
    expect(opened.databases.map(({ name }) => name)).toEqual(["odd = name", "postgres", APP]);
  });

  test("the owner of a database whose search path leads to their own operators gains nothing", async () => {
    const gained = () => source.psql("postgres", "SELECT rolsuper FROM pg_roles WHERE rolname = 'mallory'");
    source.psql("postgres", "CREATE ROLE mallory LOGIN; CREATE DATABASE trap OWNER mallory");
    try {
      source.psql("trap", `SET SESSION AUTHORIZATION mallory; ${TRAP}`);
      const opened = await postgres.open(target(source), context());
      await Promise.all(opened.databases.map(({ facts }) => facts())).finally(() => opened.close());
      expect(gained()).toBe("f");
      const session = { statementTimeoutSeconds: 10, readOnly: false, stopOnError: true };
      const [name = "", options = ""] = psqlArgv("db", session)[4]?.split(/=(.*)/) ?? [];
      execFileSync("psql", ["-X", "-c", "SELECT FROM pg_roles WHERE rolname = 'mallory'"], {
        env: { PATH: process.env["PATH"], ...reached(source, "trap"), [name]: options },
      });
      expect(gained()).toBe("f");
    } finally {
      source.psql("postgres", "DROP DATABASE trap");
      source.psql("postgres", "DROP ROLE mallory");
    }
  });

  test("a dump whose session is gone fails", async () => {
    const opened = await postgres.open(target(source), context());
    source.psql(
      "postgres",
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'kamal-backup'",
    );
    const [database] = opened.databases;
    if (database === undefined) throw new Error("not opened");
    const result = await runTool(database.dump, {
      signal: context().signal,
      stdoutToFile: join(directory, "none.pgdump"),
    });
    expect(result.exitCode).toBe(1);
    await expect(database.facts()).rejects.toMatchObject({ code: "engine.unreachable" });
    await opened.close();
  });

  test("says what is wrong with a server that cannot be opened", async () => {
    const open = (change: Parameters<typeof targetAt>[1]) =>
      postgres.open(targetAt(source.port, change), context());
    await expect(open({ password: "wrong" })).rejects.toMatchObject({ code: "engine.refused" });
    await expect(open({ port: 1 })).rejects.toMatchObject({ code: "engine.unreachable" });
    await expect(open({ database: "gone" })).rejects.toMatchObject({ code: "engine.database-missing" });
    await expect(open({ host: "/nowhere" })).rejects.toMatchObject({ code: "engine.unreachable" });
    await (await open({ host: source.directory })).close();
  });
});

describe("a dump that is read back", () => {
  test("cut off in its table of contents, or lacking a table, is unreadable", async () => {
    const head = { program: "head", argv: ["-c", "3000", dumpFile], env: {} };
    await expect(postgres.verifyDump(head, facts, context())).rejects.toMatchObject({
      code: "dump.unreadable",
    });
    const more = { ...facts, tables: { ...facts.tables, "app.gone": { rows: 1, exact: true } } };
    await expect(postgres.verifyDump(dump(), more, context())).rejects.toThrow(/app\.gone/);
  });

  test("a producer that is ended by the closed pipe is no error", async () => {
    const endless = { program: "sh", argv: ["-c", `cat ${dumpFile}; exec cat /dev/zero`], env: {} };
    await postgres.verifyDump(endless, facts, context());
  });
});

describe("a drill's throwaway server", () => {
  let throwaway: Throwaway;

  beforeAll(async () => {
    throwaway = await postgres.startThrowaway(target(source), context());
  });
  afterAll(async () => {
    await throwaway.stop();
    expect(readdirSync(directory).filter((name) => name.startsWith("pg-"))).toEqual([]);
  });

  test("takes the backup, and everything in it is back", async () => {
    await throwaway.restoreGlobals(globals);
    await throwaway.restore(dump(), "restored", APP);
    const restored = await throwaway.facts("restored");
    expect({ ...restored, database: APP, size_bytes: 0 }).toEqual({ ...facts, size_bytes: 0 });
    const host = await socketOf(throwaway);
    const psql = (sql: string) => psqlAt(host, "restored", sql);
    expect(sorted(psql(FINGERPRINT))).toBe(sorted(source.psql(APP, FINGERPRINT)));
    expect(psql(ROLE_FINGERPRINT).replace(/^teamyap.*$/m, "")).toBe(
      source.psql(APP, ROLE_FINGERPRINT).replace(/^teamyap.*$/m, ""),
    );
    expect(psql("SHOW listen_addresses; SHOW archive_mode")).toBe("\noff".trim());
  });

  test("answers assertions as JSON, with the database's search path", async () => {
    expect(await throwaway.ask("restored", "SELECT count(*) FROM accounts; -- all")).toBe(500);
    expect(await throwaway.ask("restored", "SELECT max(at) FROM events")).toBe("2026-01-30");
    expect(await throwaway.ask("restored", "SELECT NULL::int")).toBeNull();
    await expect(throwaway.ask("restored", "SELECT 1 WHERE false")).rejects.toMatchObject({
      code: "engine.failed",
    });
    await expect(throwaway.ask("restored", "SELECT nextval('posts_id_seq')")).rejects.toThrow(/read-only/);
  });

  test("a dump without roles, grants and tablespaces, compressed, as the gem makes it", async () => {
    const gem = join(directory, "gem.pgdump");
    execFileSync("pg_dump", ["-Fc", "--no-owner", "--no-privileges", "-f", gem, APP], {
      env: {
        PATH: process.env["PATH"],
        PGHOST: source.directory,
        PGPORT: String(source.port),
        PGUSER: SUPERUSER,
      },
    });
    const fresh = await postgres.startThrowaway(target(source), context());
    try {
      await fresh.restore({ program: "cat", argv: [gem], env: {} }, "gem", APP);
      const restored = await fresh.facts("gem");
      expect(restored.tables).toEqual(facts.tables);
    } finally {
      await fresh.stop();
    }
  });

  test("a dump whose copy would take the database's room is restored as it comes", async () => {
    const fresh = context();
    const server = await postgres.startThrowaway(target(source), fresh);
    try {
      await server.restoreGlobals(globals);
      await server.restore(dump(), "piped", APP, { hasRoom: async () => false });
      expect(fresh.lines.join("\n")).toContain("it is restored as it comes");
      expect((await server.facts("piped")).tables).toEqual(facts.tables);
    } finally {
      await server.stop();
    }
  });

  test("a locale that is not there is replaced, and told", async () => {
    // As long as the one that it takes the place of: names have their length before them in a dump.
    const strange = "sed \"s/LOCALE = 'C.UTF-8'/LOCALE = 'X.UTF-8'/\" \"$0\"";
    const edited = { program: "sh", argv: ["-c", strange, dumpFile], env: {} };
    const notes = await throwaway.restore(edited, "strange", APP);
    expect(notes).toEqual(["locale 'X.UTF-8' is not on the drill's system: C.UTF-8 in its place"]);
    await throwaway.drop("strange");
  });

  test("anything but complete success leaves no database", async () => {
    const cut = { program: "head", argv: ["-c", "60000", dumpFile], env: {} };
    await expect(throwaway.restore(cut, "cut", APP)).rejects.toMatchObject({ code: "restore.failed" });
    const failing = { program: "sh", argv: ["-c", `cat ${dumpFile}; exit 1`], env: {} };
    await expect(throwaway.restore(failing, "failing", APP)).rejects.toMatchObject({
      code: "restore.failed",
    });
    expect(await throwaway.databases()).toEqual(["postgres", "restored"]);
    await expect(throwaway.restore(dump(), "restored", APP)).rejects.toMatchObject({
      code: "restore.failed",
    });
    expect(await throwaway.databases()).toContain("restored");
    expect(readdirSync(directory).filter((name) => name.startsWith("restore-"))).toEqual([]);
  });

  test("stopped in the middle, it leaves no database either", async () => {
    const stopping = new AbortController();
    const slow = { program: "sh", argv: ["-c", `head -c 60000 ${dumpFile}; sleep 20`], env: {} };
    const other = await postgres.startThrowaway(target(source), contextIn(directory, stopping.signal));
    try {
      const host = await socketOf(other);
      const restoring = other.restore(slow, "slow", APP);
      setTimeout(() => stopping.abort(), 1000);
      await expect(restoring).rejects.toThrow();
      expect(psqlAt(host, "postgres", "SELECT count(*) FROM pg_database WHERE datname = 'slow'")).toBe("0");
    } finally {
      await other.stop();
    }
  });

  test("one whose process is dead is removed by the next, whose process lives, in whatever container, is not", async () => {
    const before = new Set(readdirSync(directory));
    const dead = await postgres.startThrowaway(target(source), context());
    const [left] = readdirSync(directory).filter((name) => name.startsWith("pg-") && !before.has(name));
    if (left === undefined) throw new Error("not started");
    // As a process leaves it that is dead: with a lock that nobody holds.
    rmSync(join(directory, left, "lock"));
    writeFileSync(join(directory, left, "lock"), "");
    const next = await postgres.startThrowaway(target(source), context());
    expect(existsSync(join(directory, left))).toBe(false);
    await next.stop();
    await dead.stop();
    expect(await throwaway.databases()).toContain("restored");
  });
});

describe("a restore in production", () => {
  let production: Cluster;
  let server: Server;

  beforeAll(async () => {
    production = await startCluster({ max_prepared_transactions: "5", wal_level: "logical" });
    production.psql("postgres", `CREATE ROLE app LOGIN PASSWORD 'its own'; CREATE DATABASE ${APP} OWNER app`);
    production.psql(APP, "CREATE TABLE live (i int)");
    server = await postgres.connect(target(production), context());
  });
  afterAll(() => production.stop());

  test("a dump whose roles are missing is refused before anything is made", async () => {
    await expect(server.restore(dump(), "new", APP)).rejects.toMatchObject({ code: "restore.roles-missing" });
    expect(await server.databases()).toEqual(["postgres", APP]);
  });

  test("roles that exist stay as they are, others come with their passwords", async () => {
    const mine = "SELECT rolpassword, rolconnlimit FROM pg_authid WHERE rolname = 'app'";
    const before = production.psql(APP, mine);
    await server.restoreGlobals(globals);
    await server.restoreGlobals(globals);
    expect(production.psql(APP, mine)).toBe(before);
    const anna = `SELECT rolpassword FROM pg_authid WHERE rolname ~ 'Anna'`;
    expect(production.psql(APP, anna)).toBe(source.psql(APP, anna));
    expect(production.psql(APP, "SELECT count(*) FROM pg_auth_members WHERE admin_option")).toBe("1");
  });

  test("swaps under the feet of an application that keeps coming back", async () => {
    await server.restore(dump(), "new", APP);
    expect(sorted(production.psql("new", FINGERPRINT))).toBe(sorted(source.psql(APP, FINGERPRINT)));
    const busy = setInterval(() => {
      const sql = "SELECT pg_sleep(10)";
      void runTool(
        {
          program: "psql",
          argv: ["-X", "-c", sql],
          env: {
            PGHOST: production.directory,
            PGPORT: String(production.port),
            PGUSER: SUPERUSER,
            PGDATABASE: APP,
          },
        },
        { signal: context().signal },
      );
    }, 50);
    try {
      await new Promise((resolve) => setTimeout(resolve, 500));
      await server.swap("new", APP, "before");
    } finally {
      clearInterval(busy);
    }
    expect(production.psql(APP, "SELECT count(*) FROM app.accounts")).toBe("500");
    expect(production.psql("before", "SELECT count(*) FROM live")).toBe("0");
    expect(sorted(production.psql(APP, FINGERPRINT))).toBe(sorted(source.psql(APP, FINGERPRINT)));
    await server.swap("new", APP, "before");
    await expect(server.swap("none", APP, "other")).rejects.toMatchObject({ code: "restore.swap-refused" });
  });

  test("what would stay with the old database is in the way", async () => {
    production.psql("postgres", "CREATE DATABASE next");
    production.psql(APP, "BEGIN; PREPARE TRANSACTION 'open'");
    await expect(server.swap("next", APP, "kept")).rejects.toThrow(/prepared transaction open/);
    production.psql(APP, "ROLLBACK PREPARED 'open'");
    production.psql(APP, "SELECT pg_create_logical_replication_slot('cdc', 'test_decoding')");
    await expect(server.swap("next", APP, "kept")).rejects.toThrow(/slot cdc/);
    production.psql(APP, "SELECT pg_drop_replication_slot('cdc')");
    await expect(server.swap("next", APP, "before")).rejects.toMatchObject({ code: "restore.swap-refused" });
    expect(await server.databases()).toEqual(["before", "next", "postgres", APP]);
  });

  test("a database that is gone is put back, and grants go on where the dump has none", async () => {
    production.psql("postgres", `CREATE DATABASE third; REVOKE CONNECT ON DATABASE ${APP} FROM PUBLIC`);
    await server.swap("third", APP, "second");
    const acl = (name: string) =>
      production.psql("postgres", `SELECT datacl FROM pg_database WHERE datname = '${name}'`);
    expect(acl(APP)).toContain("app=");
    expect(acl(APP)).not.toMatch(/[{,]=[a-zA-Z]*c/);
    await server.drop(APP);
    await server.swap("second", APP, "unused");
    expect(await server.databases()).toEqual(["before", "next", "postgres", APP]);
    await server.drop("never-there");
  });
});

describe("one table of a backup", () => {
  let production: Cluster;
  let server: Server;
  let number = 0;

  beforeAll(async () => {
    production = await startCluster();
    server = await postgres.connect(target(production), context());
    await server.restoreGlobals(globals);
    await server.restore(dump(), APP, APP);
  });
  afterAll(() => production.stop());

  const swapOf = async (table: string) => {
    number += 1;
    const [restored, beside, keptIn] = [`one_${number}`, `restored_${number}`, `before_${number}`];
    await server.restore(dump(), restored, APP, { tables: [table] });
    return { restored, database: APP, table, beside, keptIn };
  };
  const swap = async (table: string) => await server.swapTable?.(await swapOf(table));
  const live = (sql: string) => production.psql(APP, sql);

  test("only its rows are restored", async () => {
    await server.restore(dump(), "only", APP, { tables: ["app.Odd name.with dot"] });
    const { tables } = await server.facts("only");
    expect(Object.entries(tables).filter(([, { rows }]) => rows > 0)).toEqual([
      ["app.Odd name.with dot", { rows: 2, exact: true }],
    ]);
    await server.drop("only");
    const piped = { tables: ["app.Odd name.with dot"], hasRoom: async () => false };
    await server.restore(dump(), "only", APP, piped);
    expect((await server.facts("only")).tables["app.Odd name.with dot"]).toEqual({ rows: 2, exact: true });
    await server.drop("only");
  });

  test("takes the place of the live one, with its foreign keys, grants and numbers", async () => {
    live("DROP VIEW app.loud; DROP MATERIALIZED VIEW app.counted");
    live("INSERT INTO app.posts (account_id, body) VALUES (1, 'after the backup')");
    live("UPDATE app.posts SET body = 'broken' WHERE id < 2000; CREATE INDEX later ON app.posts (share)");
    const definitions = `SELECT conrelid::regclass, conname, pg_get_constraintdef(oid) FROM pg_constraint
      WHERE contype = 'f' ORDER BY 1, 2; SELECT relacl, relowner::regrole FROM pg_class WHERE oid = 'app.posts'::regclass`;
    const before = live(definitions);
    expect(await swap("app.posts")).toEqual({ rows: 3000, rowsBefore: 3001, left: ["index later"] });
    const rows = "SELECT md5(string_agg(p::text, '|' ORDER BY id)) FROM app.posts p";
    expect(live(rows)).toBe(source.psql(APP, rows));
    expect(live(definitions)).toBe(before);
    expect(live("SELECT count(*) FROM before_1.posts WHERE body = 'broken'")).toBe("1999");
    expect(live("INSERT INTO app.posts (account_id, body) VALUES (1, 'x') RETURNING id")).toBe("3002");
    expect(live("SELECT count(*) FROM pg_namespace WHERE nspname = 'restored_1'")).toBe("0");
  });

  test("one that was dropped is put back", async () => {
    live("DROP TABLE app.comments");
    const swapped = await swap("app.comments");
    expect(swapped).toMatchObject({ rows: 100, rowsBefore: null });
    expect(swapped?.left).toHaveLength(1);
    expect(live("INSERT INTO app.comments (body) VALUES ('c') RETURNING body")).toBe("c;");
  });

  test("is refused, and stays beside, where a swap would break something", async () => {
    const refused = async (table: string, words: RegExp) => {
      const asked = await swapOf(table);
      const failure = await server.swapTable?.(asked).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: "restore.table-refused" });
      expect(`${failure} ${(failure as Failure).detail}`).toMatch(words);
      expect(live(`SELECT count(*) FROM ${asked.beside}.accounts`)).toBe("500");
      expect(live(`SELECT count(*) FROM pg_namespace WHERE nspname = '${asked.keptIn}'`)).toBe("0");
    };
    live("CREATE VIEW app.mails AS SELECT email FROM app.accounts");
    await refused("app.accounts", /view app\.mails/);
    live("DROP VIEW app.mails; ALTER TABLE app.accounts ADD COLUMN later int");
    await refused("app.accounts", /live: later integer/);
    live("ALTER TABLE app.accounts DROP COLUMN later");
    live("INSERT INTO app.accounts (email) VALUES ('new@example.com')");
    live("INSERT INTO app.posts (account_id, body) SELECT max(id), 'of a new account' FROM app.accounts");
    await refused("app.accounts", /foreign key/);
    await expect(swap("app.events_2025")).rejects.toMatchObject({ code: "restore.table-refused" });
  });
});

describe("the dump as SQL", () => {
  test("loads in a new accessory's empty database, as its other superuser", async () => {
    const plain = join(directory, "setup.sql");
    await expect(postgres.plain(dump(), globals, directory, context())).rejects.toMatchObject({
      code: "files.unwritable",
    });
    await postgres.plain(dump(), globals, plain, context());
    const fresh = await startCluster();
    try {
      fresh.psql("postgres", `CREATE DATABASE ${APP}`);
      fresh.load(APP, plain);
      expect(sorted(fresh.psql(APP, FINGERPRINT))).toBe(sorted(source.psql(APP, FINGERPRINT)));
      expect(fresh.psql(APP, ROLE_FINGERPRINT).replace(/^teamyap.*$/m, "")).toBe(
        source.psql(APP, ROLE_FINGERPRINT).replace(/^teamyap.*$/m, ""),
      );
      fresh.psql("postgres", `CREATE DATABASE "again"`);
      await postgres.plain(dump(), null, plain, context());
      fresh.load("again", plain);
    } finally {
      fresh.stop();
    }
  });
});

/** Lines in an order that does not follow from the objects' ids. */
function sorted(lines: string): string {
  return lines.split("\n").sort().join("\n");
}

async function socketOf(server: Throwaway): Promise<string> {
  return String(await server.ask("postgres", "SELECT current_setting('unix_socket_directories')"));
}

function psqlAt(host: string, database: string, sql: string): string {
  return execFileSync("psql", ["-X", "-qAt", "-v", "ON_ERROR_STOP=1", "-d", database], {
    env: { PATH: process.env["PATH"], PGHOST: host, PGPORT: "5432", PGUSER: SUPERUSER },
    input: sql,
    encoding: "utf8",
  }).trim();
}
