import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { AgentContext } from "../../../../src/agent/context.ts";
import type { Producer, Source } from "../../../../src/agent/engines/engine.ts";
import { sqlite } from "../../../../src/agent/engines/sqlite/index.ts";
import type { Failure } from "../../../../src/errors.ts";
import type { SqliteTarget } from "../../../../src/model/agent-policy.ts";
import { runTool } from "../../../../src/tools/run.ts";

let directory: string;
let live: string;
let logged: string[];
let context: AgentContext;
let target: SqliteTarget;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "kb-sqlite-"));
  for (const each of ["storage", "state", "scratch"]) mkdirSync(join(directory, each));
  live = join(directory, "storage", "app #1.sqlite3");
  logged = [];
  let count = 0;
  context = {
    policy: undefined as never,
    reveal: () => "",
    redact: (text) => text,
    stateDirectory: join(directory, "state"),
    scratchDirectory: join(directory, "scratch"),
    clock: { now: () => new Date(), sleep: (milliseconds) => wait(milliseconds) },
    randomHex: () => String(++count),
    log: (line) => logged.push(line),
    progress: () => {},
    signal: new AbortController().signal,
  };
  target = { type: "sqlite", name: "app", path: live } as SqliteTarget;
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

async function sql(script: string, file = live): Promise<string> {
  const tool = { program: "sqlite3", argv: ["-batch", "-bail", "-init", "/dev/null", file], env: {} };
  const { exitCode, stdout, stderr } = await runTool(tool, {
    signal: context.signal,
    stdin: `.timeout 10000\n${script}`,
  });
  if (exitCode !== 0) throw new Error(stderr);
  return stdout.trim();
}

const SEED = `CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, upper TEXT AS (upper(name)) STORED);
  CREATE TABLE "odd ""name" (k PRIMARY KEY, v BLOB) WITHOUT ROWID;
  CREATE TABLE bare (x);
  CREATE VIRTUAL TABLE notes USING fts5(body);
  CREATE INDEX by_name ON users (name);
  CREATE VIEW names AS SELECT name FROM users;
  CREATE TRIGGER loud AFTER INSERT ON users BEGIN INSERT INTO bare VALUES (NEW.id); END;
  INSERT INTO users (name) VALUES ('Zoë'), ('💾'), (NULL);
  INSERT INTO "odd ""name" VALUES ('a', x'00ff27');
  DELETE FROM bare WHERE x = 2;
  INSERT INTO notes VALUES ('hello');`;

async function backUp(): Promise<{
  source: Source;
  dump: Producer;
  facts: Awaited<ReturnType<Source["databases"][0]["facts"]>>;
}> {
  const source = await sqlite.open(target, context);
  const [database] = source.databases;
  if (database === undefined) throw new Error("no database");
  const file = join(directory, `stored-${context.randomHex(4)}`);
  const { exitCode } = await runTool(database.dump, { signal: context.signal, stdoutToFile: file });
  expect(exitCode).toBe(0);
  const facts = await database.facts();
  await source.close();
  return { source, dump: { program: "cat", argv: [file], env: {} }, facts };
}

async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  return await promise.then(
    () => {
      throw new Error("it did not fail");
    },
    (error: Failure) => error,
  );
}

test("a backup has all of a database, and leaves nothing in scratch", async () => {
  await sql(`PRAGMA journal_mode = WAL; ${SEED}`);
  const { source, dump, facts } = await backUp();
  expect(source.databases.map(({ name, tableCount }) => [name, tableCount])).toEqual([["app #1", 3]]);
  expect(facts.tables).toEqual({
    bare: { rows: 2, exact: true },
    'odd "name': { rows: 1, exact: true },
    users: { rows: 3, exact: true },
  });
  expect(facts.objects).toMatchObject({ views: 1, triggers: 1, "virtual tables": 1 });
  await sqlite.verifyDump(dump, facts, context);
  expect(readdirSync(context.scratchDirectory)).toEqual([]);

  const throwaway = await sqlite.startThrowaway(target, context);
  await throwaway.restore(dump, "app #1", "app #1");
  expect(await throwaway.facts("app #1")).toEqual(facts);
  expect(await throwaway.ask("app #1", "SELECT count(*) > 2 FROM users WHERE upper IS NOT NULL OR 1;")).toBe(
    1,
  );
  expect(await throwaway.ask("app #1", "SELECT body FROM notes WHERE notes MATCH 'hello'")).toBe("hello");
  expect(await throwaway.ask("app #1", "SELECT 1 WHERE 0")).toBe(null);
  expect((await failureOf(throwaway.ask("app #1", ".shell touch /tmp/never"))).message).toContain(
    "safe mode",
  );
  await throwaway.stop();
  expect(readdirSync(context.scratchDirectory)).toEqual([]);

  const plain = join(directory, "plain.sql");
  await sqlite.plain(dump, null, plain, context);
  await sql(readFileSync(plain, "utf8"), join(directory, "again.sqlite3"));
  expect(await sql("SELECT count(*) FROM users", join(directory, "again.sqlite3"))).toBe("3");
});

test.each(["WAL", "DELETE"])("in %s mode it is consistent while others write", async (mode) => {
  await sql(`PRAGMA journal_mode = ${mode}; CREATE TABLE a (id INTEGER PRIMARY KEY, s); CREATE TABLE b (id INTEGER PRIMARY KEY, s);
    INSERT INTO a (s) SELECT hex(randomblob(2000)) FROM generate_series(1, 5000);`);
  let writing = true;
  let written = 0;
  const writer = (async () => {
    while (writing) {
      // Both or none.
      await sql(
        "BEGIN IMMEDIATE; INSERT INTO b (s) VALUES (hex(randomblob(2000))); INSERT INTO a (s) VALUES ('w'); COMMIT;",
      );
      written++;
    }
  })();
  await wait(200);
  const { dump, facts } = await backUp();
  writing = false;
  await writer;
  expect(written).toBeGreaterThan(1);
  expect(facts.tables["a"]?.rows).toBe(5000 + (facts.tables["b"]?.rows ?? 0));
  await sqlite.verifyDump(dump, facts, context);
});

test("an empty database is backed up as one without tables, a missing one is not made", async () => {
  await sql("CREATE TABLE t (x); DROP TABLE t;");
  const { facts, dump } = await backUp();
  expect(facts.tables).toEqual({});
  await sqlite.verifyDump(dump, facts, context);
  rmSync(live);
  expect((await failureOf(sqlite.open(target, context))).code).toBe("engine.database-missing");
  expect(existsSync(live)).toBe(false);
});

test("a damaged database is no backup, and a damaged dump no restore", async () => {
  await sql(`${SEED} INSERT INTO bare SELECT hex(randomblob(500)) FROM generate_series(1, 500);`);
  const { facts, dump } = await backUp();
  const file = dump.argv[0] ?? "";
  truncateSync(file, statSync(file).size - 8192);
  expect((await failureOf(sqlite.verifyDump(dump, facts, context))).code).toBe("dump.unreadable");
  const server = await sqlite.connect(target, context);
  const failure = await failureOf(server.restore(dump, "app_new", "app"));
  expect(failure.code).toBe("restore.failed");
  expect(await server.databases()).toEqual(["app #1"]);
  const bytes = readFileSync(live);
  bytes.fill(7, 4096, 20_000);
  writeFileSync(live, bytes);
  expect((await failureOf(sqlite.open(target, context))).message).toMatch(/damaged|malformed/);
  expect(readdirSync(context.scratchDirectory)).toEqual([]);
});

test("a restore takes the place of a database that an app has open", async () => {
  await sql(`PRAGMA journal_mode = WAL; ${SEED}`);
  chmodSync(live, 0o640);
  const { dump, facts } = await backUp();
  const app = spawn("sqlite3", ["-batch", live], { stdio: ["pipe", "pipe", "inherit"] });
  const asked = async (query: string): Promise<string> => {
    app.stdin.write(`${query};\n`);
    const [chunk] = (await once(app.stdout, "data")) as [Buffer];
    return chunk.toString().trim();
  };
  expect(await asked("DELETE FROM users WHERE id > 1; DROP VIEW names; SELECT count(*) FROM users")).toBe(
    "1",
  );

  const server = await sqlite.connect(target, context);
  await server.restore(dump, "app_new", "app #1");
  expect((await server.facts("app_new")).tables).toEqual(facts.tables);
  expect(await asked("SELECT count(*) FROM users")).toBe("1");
  await server.swap("app_new", "app #1", "app_old");
  // The same connection, never closed.
  expect(await asked("SELECT count(*) FROM names")).toBe("3");
  expect(await asked("INSERT INTO users (name) VALUES ('later'); SELECT count(*) FROM users")).toBe("4");
  app.stdin.end();
  await once(app, "close");
  expect((await server.facts("app_old")).tables["users"]?.rows).toBe(1);
  expect(await server.databases()).toEqual(["app #1", "app_old"]);
  expect(statSync(join(directory, "storage", "app_old.sqlite3")).mode & 0o777).toBe(0o640);
  expect(await sql("PRAGMA integrity_check; SELECT count(*) FROM users;")).toBe("ok\n4");
  // Killed after its last step, it is called again.
  await server.swap("app_new", "app #1", "app_old");
  await server.drop("app_old");
  expect(readdirSync(join(directory, "storage"))).toEqual(["app #1.sqlite3"]);
});

test("a swap that is killed leaves the old database or the new one, and goes on", async () => {
  await sql(
    `PRAGMA journal_mode = WAL; ${SEED} INSERT INTO bare SELECT hex(randomblob(1000)) FROM generate_series(1, 20000);`,
  );
  const { dump, facts } = await backUp();
  await sql("DELETE FROM users;");
  const server = await sqlite.connect(target, context);
  await server.restore(dump, "app_new", "app #1");
  for (const milliseconds of [20, 60, 120, 200, 300, 400, 500]) {
    const killing = new AbortController();
    const impatient = await sqlite.connect(target, { ...context, signal: killing.signal });
    const swapping = impatient.swap("app_new", "app #1", "app_old").catch(() => {});
    setTimeout(() => killing.abort(), milliseconds);
    await swapping;
    expect(["0", "3"]).toContain(await sql("SELECT count(*) FROM users"));
    expect(await sql("PRAGMA quick_check")).toBe("ok");
  }
  await server.swap("app_new", "app #1", "app_old");
  expect((await server.facts("app #1")).tables).toEqual(facts.tables);
  expect((await server.facts("app_old")).tables["users"]?.rows).toBe(0);
  expect(existsSync(join(directory, "storage", "app_new.sqlite3"))).toBe(false);
});

test("a lost or unreadable database is replaced, and what there was of it is kept", async () => {
  await sql(SEED);
  const { dump, facts } = await backUp();
  const server = await sqlite.connect(target, context);
  writeFileSync(live, "this is no database, but it is long enough to be looked at");
  writeFileSync(`${live}-wal`, "stale");
  await server.restore(dump, "app_new", "app #1");
  await server.swap("app_new", "app #1", "app_old");
  expect((await server.facts("app #1")).tables).toEqual(facts.tables);
  expect(readFileSync(join(directory, "storage", "app_old.sqlite3"), "utf8")).toContain("no database");

  rmSync(live);
  await server.restore(dump, "app_new", "app #1");
  await server.swap("app_new", "app #1", "app_older");
  expect((await server.facts("app #1")).tables).toEqual(facts.tables);
});

test("a database that stays locked is not exchanged", async () => {
  await sql(`PRAGMA journal_mode = WAL; ${SEED}`);
  const { dump } = await backUp();
  await sql("DELETE FROM users;");
  const app = spawn("sqlite3", ["-batch", live], { stdio: ["pipe", "pipe", "inherit"] });
  app.stdin.write("BEGIN IMMEDIATE; INSERT INTO bare VALUES (1); SELECT 'locked';\n");
  await once(app.stdout, "data");
  const server = await sqlite.connect(target, context);
  await server.restore(dump, "app_new", "app #1");
  const failure = await failureOf(server.swap("app_new", "app #1", "app_old"));
  expect(failure.code).toBe("restore.swap-refused");
  expect(failure.message).toContain("locked");
  app.stdin.end();
  await once(app, "close");
  expect(await sql("SELECT count(*) FROM users")).toBe("0");
  expect(readdirSync(join(directory, "storage")).sort()).toEqual(["app #1.sqlite3", "app_new.sqlite3"]);
}, 60_000);
