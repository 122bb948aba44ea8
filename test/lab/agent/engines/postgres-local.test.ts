import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Failure } from "../../../../src/errors.ts";
import { openLocal } from "../../../../src/cli/local/open-local.ts";
import { type Cluster, PASSWORD, startCluster, SUPERUSER } from "./postgres-cluster.ts";

let cluster: Cluster;
const directory = mkdtempSync(join(tmpdir(), "kamal-backup-local-"));
const dump = join(directory, "dump");
const never = new AbortController().signal;

beforeAll(async () => {
  cluster = await startCluster();
  cluster.psql("postgres", "CREATE DATABASE source");
  cluster.psql("source", "CREATE TABLE users AS SELECT generate_series(1, 5000) AS id");
  const env = { ...process.env, PGHOST: cluster.directory, PGPORT: String(cluster.port), PGUSER: SUPERUSER };
  execFileSync("pg_dump", ["-Fc", "-f", dump, "source"], { env });
});
afterAll(() => {
  cluster.stop();
  rmSync(directory, { recursive: true, force: true });
});
beforeEach(() => {
  cluster.psql("postgres", "DROP DATABASE IF EXISTS app");
  cluster.psql("postgres", "CREATE DATABASE app");
  cluster.psql("app", "CREATE TABLE mine AS SELECT 1 AS id");
});

const restore = (file: string, database = "app", signal = never) =>
  openLocal(`postgres://${SUPERUSER}:${PASSWORD}@127.0.0.1:${cluster.port}/${database}`, "postgres").restore(
    file,
    signal,
  );
const failureOf = (work: Promise<void>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );
const databases = () =>
  cluster.psql("postgres", "SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY 1").split("\n");
const AS_IT_WAS = ["app", "postgres", "source"];

/** The dump with the head of a later pg_dump; from 1.15 on that has the compression in one byte. */
function ofNewerPgDump(): string {
  const bytes = readFileSync(dump);
  const head = Buffer.from(bytes.subarray(0, 11));
  const rest = bytes.subarray((head[6] as number) < 15 ? 15 : 11);
  head[6] = 99;
  const path = join(directory, "newer");
  writeFileSync(path, Buffer.concat([head, rest]));
  return path;
}

test("a dump takes the place of a database, and of none", async () => {
  await restore(dump);
  await restore(dump, "new");
  expect(databases()).toEqual(["app", "new", "postgres", "source"]);
  expect(cluster.psql("app", "SELECT count(*) FROM users")).toBe("5000");
  expect(cluster.psql("app", "SELECT to_regclass('mine') IS NULL")).toBe("t");
  cluster.psql("postgres", "DROP DATABASE new");
});

test("a dump that this machine's pg_restore is too old for changes nothing, and says which version it takes", async () => {
  const server = cluster.psql("postgres", "SHOW server_version").split(" ")[0];
  const client = /\d[\w.]*/.exec(execFileSync("pg_restore", ["--version"], { encoding: "utf8" }))?.[0] ?? "";
  const failure = await failureOf(restore(ofNewerPgDump()));
  expect(failure).toMatchObject({ code: "local.client-too-old" });
  expect((failure as Failure).todo).toContain(`Install postgresql-client-${parseInt(client, 10)},`);
  expect((failure as Error).message).toBe(
    `pg_restore here is ${client}, and the dump is of PostgreSQL ${server}, by pg_dump ${client}`,
  );
  await failureOf(restore(ofNewerPgDump(), "new"));
  expect(databases()).toEqual(AS_IT_WAS);
  expect(cluster.psql("app", "SELECT count(*) FROM mine")).toBe("1");
});

test("a dump that breaks off leaves the old database, and nothing of its own", async () => {
  const broken = join(directory, "broken");
  writeFileSync(broken, readFileSync(dump).subarray(0, -600));
  expect(await failureOf(restore(broken))).toMatchObject({ code: "local.failed" });
  expect(await failureOf(restore(broken, "new"))).toMatchObject({ code: "local.failed" });
  expect(databases()).toEqual(AS_IT_WAS);
  expect(cluster.psql("app", "SELECT count(*) FROM mine")).toBe("1");
});

test("a restore that is stopped leaves the old database, and is no failure of the dump", async () => {
  const stopping = new AbortController();
  const work = failureOf(restore(dump, "app", stopping.signal));
  setTimeout(() => stopping.abort(), 60);
  expect(await work).toMatchObject({ code: "agent.interrupted" });
  expect(databases()).toEqual(AS_IT_WAS);
  expect(cluster.psql("app", "SELECT count(*) FROM mine")).toBe("1");
});

test("a database that cannot be dropped stays, and so does what was restored, until the next restore", async () => {
  cluster.psql("postgres", "ALTER DATABASE app IS_TEMPLATE true");
  const failure = (await failureOf(restore(dump))) as Failure;
  expect(failure.todo).toContain('alter database "app_kamal_backup_new" rename to "app"');
  expect(cluster.psql("app", "SELECT count(*) FROM mine")).toBe("1");
  expect(cluster.psql("app_kamal_backup_new", "SELECT count(*) FROM users")).toBe("5000");
  cluster.psql("postgres", "ALTER DATABASE app IS_TEMPLATE false");
  await restore(dump);
  expect(databases()).toEqual(AS_IT_WAS);
});
