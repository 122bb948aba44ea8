import { rmSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { newDirectory } from "../../support/checkout.ts";
import { onHost, sqlOn } from "../../support/lab.ts";
import { watchHost } from "../../support/watch-argv.ts";
import type { ArgvWatch } from "../../support/watch-argv.ts";
import { AGENT_CONTAINER, PRIMARY, snapshotIds } from "../support.ts";
import { expectNoCanary } from "./no-canary.ts";
import {
  databases,
  docker,
  faulted,
  lastEntry,
  ledger,
  makeFaultyApp,
  newPings,
  onHostPath,
  order,
  plantFaultCanaries,
  runInAgent,
  scratch,
  startAgent,
  startInAgent,
  until,
} from "./support.ts";

const canaries = plantFaultCanaries();
const database = canaries["POSTGRES_DB"] as string;
const directory = newDirectory();
const began = new Date();
const ROWS =
  "select (select count(*) from events), (select md5(string_agg(data, '' order by id)) from blobs)";
const RESTORE = ["restore", "production", "db", "latest", "--confirm", database];
let watch: ArgvWatch;
let rows: string;

beforeAll(async () => {
  await makeFaultyApp(directory, canaries);
  watch = watchHost(1);
  rows = sqlOn(1, PRIMARY, ROWS);
  expect(await runInAgent("backup")).toMatchObject({ code: 0 });
  newPings(canaries);
});
beforeEach(() => order());
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test("pg_dump's session killed half-way: no snapshot, exit 1, a ping of failure, and no retention", async () => {
  const before = snapshotIds();
  await order({ kind: "delay", ms: 2000, method: "PUT", path: "/data/" });
  // Other data, or nothing would have to be uploaded.
  sqlOn(1, PRIMARY, "update blobs set data = reverse(data) where id % 2 = 0");
  const backup = startInAgent(["backup", "--force"]);
  await faulted(1);
  const killed = sqlOn(
    1,
    PRIMARY,
    "select count(pg_terminate_backend(pid)) from pg_stat_activity where query like 'COPY %'",
  );
  expect(killed).toBe("1");
  const failed = await backup.done;
  expect(failed.code).toBe(1);
  expect(failed.stderr).toContain("backup.failed");
  // The server tells pg_dump why only where that is reading just then.
  expect(failed.stderr).toMatch(/terminating connection|server closed the connection/);
  expect(snapshotIds()).toEqual(before);
  expect(lastEntry()).toMatchObject({ outcome: "failure", error: { code: "backup.failed" } });
  expect(lastEntry().details).not.toHaveProperty("retention");
  expect(newPings(canaries)).toEqual(["start", "fail"]);
  sqlOn(1, PRIMARY, "update blobs set data = reverse(data) where id % 2 = 0");
  expect(sqlOn(1, PRIMARY, ROWS)).toBe(rows);
});

test("an emptied database and one that lost most of its data are refused; the backups before stay", async () => {
  const before = snapshotIds();
  sqlOn(1, PRIMARY, "drop table blobs");
  const shrunk = await runInAgent("backup", "--force");
  expect(shrunk.code).toBe(1);
  expect(shrunk.stderr).toContain("backup.shrunk");
  sqlOn(1, PRIMARY, "drop schema public cascade; create schema public");
  const empty = await runInAgent("backup", "--force");
  expect(empty.code).toBe(1);
  expect(empty.stderr).toContain("backup.empty");
  expect(snapshotIds()).toEqual(before);
  expect(newPings(canaries)).toEqual(["start", "fail", "start", "fail"]);
  expect(await runInAgent(...RESTORE)).toMatchObject({ code: 0 });
  expect(sqlOn(1, PRIMARY, ROWS)).toBe(rows);
  const dropped = await runInAgent("restore", "production", "db", "--drop-previous", "--confirm", database);
  expect(dropped.stderr).not.toContain("error");
  expect(databases()).toEqual([database, "postgres"].sort());
});

test("the agent killed during a restore: production is as it was, and its next start removes all the rest", async () => {
  slowDown();
  expect(await runInAgent("backup", "--force")).toMatchObject({ code: 0 });
  const restore = startInAgent(RESTORE);
  await until("the restore to be half-way", () => sleeping() === "1");
  expect(databases()).toHaveLength(3);
  docker("kill", AGENT_CONTAINER);
  expect((await restore.done).code).not.toBe(0);
  expect(sqlOn(1, PRIMARY, ROWS)).toBe(rows);
  await startAgent();
  await until("the database beside production to go", () => databases().length === 2);
  await until("the scratch directory to be empty", () => scratch().length === 0);
  expect(sqlOn(1, PRIMARY, ROWS)).toBe(rows);
  expect(lastEntry()).toMatchObject({ job: "restore", outcome: "interrupted" });
});

test("the agent killed during a drill: production is as it was, and its next start removes all the rest", async () => {
  const drill = startInAgent(["drill", "production"]);
  await drill.seen(/"phase":"restoring canary/);
  await until("the throwaway server", () => scratch().some((name) => name.startsWith("pg-")));
  docker("kill", AGENT_CONTAINER);
  expect((await drill.done).code).not.toBe(0);
  await startAgent();
  await until("the scratch directory to be empty", () => scratch().length === 0);
  expect(databases()).toHaveLength(2);
  expect(sqlOn(1, PRIMARY, ROWS)).toBe(rows);
  expect(lastEntry()).toMatchObject({ job: "drill", outcome: "interrupted" });
  speedUp();
  expect(await runInAgent("backup", "--force")).toMatchObject({ code: 0 });
  expect(await runInAgent("drill", "production")).toMatchObject({ code: 0 });
});

test("a full scratch disk fails a drill and a backup that say so, and leaves nothing; a restore does without", async () => {
  docker("stop", AGENT_CONTAINER);
  const place = onHostPath("/var/tmp/kamal-backup");
  onHost(1, "mount", "-t", "tmpfs", "-o", "size=80m,mode=711", "tmpfs", place);
  try {
    await startAgent();
    const drill = await runInAgent("drill", "production");
    expect(drill.code).toBe(1);
    expect(drill.stderr).toContain("drill.no-room");
    expect(lastEntry()).toMatchObject({ job: "drill", error: { code: "drill.no-room" } });
    expect(lastEntry().details["needed_bytes"]).toBeGreaterThan(0);
    expect(scratch()).toEqual([]);
    expect(await runInAgent(...RESTORE)).toMatchObject({ code: 0 });
    expect(sqlOn(1, PRIMARY, ROWS)).toBe(rows);
    expect(scratch()).toEqual([]);
    const before = snapshotIds();
    onHost(1, "dd", "if=/dev/zero", `of=${place}/somebody's`, "bs=1M", "count=75", "status=none");
    const backup = await runInAgent("backup", "--force");
    expect(backup.code).toBe(1);
    expect(backup.stderr).toContain("backup.no-room");
    expect(snapshotIds()).toEqual(before);
  } finally {
    docker("stop", AGENT_CONTAINER);
    onHost(1, "umount", place);
    await startAgent();
  }
});

test("the ledger has it all, and is whole", async () => {
  const verified = await runInAgent("evidence", "--verify");
  expect(verified).toMatchObject({ code: 0 });
  expect(ledger().map(({ job, outcome }) => `${job} ${outcome}`)).toEqual(
    expect.arrayContaining(["backup success", "backup failure", "restore interrupted", "drill interrupted"]),
  );
});

test("no secret is where it could be seen", async () => {
  await runInAgent("evidence", "--json");
  await runInAgent("status", "--json");
  expectNoCanary(canaries, directory, began, await watch.stop());
});

/** From the next backup on, restores stand still for a minute at an index of that table. */
function slowDown(): void {
  sqlOn(
    1,
    PRIMARY,
    `create function sleeps(id int) returns int language plpgsql immutable as $$ begin
       if current_setting('application_name') = 'kamal-backup' then perform pg_sleep(60); end if;
       return id;
     end $$;
     create table slow as select 1 as id;
     create index on slow (sleeps(id))`,
  );
}

function speedUp(): void {
  sqlOn(1, PRIMARY, "drop table slow; drop function sleeps");
}

function sleeping(): string {
  return sqlOn(1, PRIMARY, "select count(*) from pg_stat_activity where wait_event = 'PgSleep'");
}
