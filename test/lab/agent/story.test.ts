import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { canariesBelow, canariesIn, canariesOnHost, plantCanaries } from "../support/canaries.ts";
import { newDirectory } from "../support/checkout.ts";
import { kamalBackup, onHost, sqlOn, transcript } from "../support/lab.ts";
import { watchHere, watchHost } from "../support/watch-argv.ts";
import { AGENT, AGENT_CONTAINER, jsonOf, makeBackedUpApp, PRIMARY, snapshotIds } from "./support.ts";

const canaries = plantCanaries();
const database = canaries["POSTGRES_DB"] as string;
const directory = newDirectory();
const began = new Date();
const ROWS = "select md5(string_agg(e::text, ',' order by id)) from events e";
let argv: ReadonlySet<string>;

beforeAll(() => makeBackedUpApp(directory, canaries));

afterAll(() => rmSync(directory, { recursive: true, force: true }));

test("the agent is planned as one more accessory that interrupts nothing", async () => {
  expect(await kamalBackup(directory, "validate")).toMatchObject({ code: 0 });
  const planned = await kamalBackup(directory, "plan");
  expect(planned.stderr).toBe("");
  expect(planned.code).toBe(2);
  expect(planned.stdout).toMatch(new RegExp(`^ {2}\\+ container:${AGENT} {2}create$`, "m"));
  expect(planned.stdout).not.toContain("needs --allow");
});

test("apply puts it in place and makes the repository, and the second one has nothing to do", async () => {
  const watches = [watchHere(), watchHost(1)];
  const before = onHost(1, "docker", "inspect", "-f", "{{.Id}} {{.State.StartedAt}}", PRIMARY);
  const applied = await kamalBackup(directory, "apply", "--auto-approve");
  expect(applied.stdout + applied.stderr).not.toMatch(/error/i);
  expect(applied.code).toBe(0);
  expect(onHost(1, "docker", "inspect", "-f", "{{.Id}} {{.State.StartedAt}}", PRIMARY)).toBe(before);
  expect(await kamalBackup(directory, "plan")).toMatchObject({ code: 0 });
  expect(await kamalBackup(directory, "drift")).toMatchObject({ code: 0 });
  argv = new Set((await Promise.all(watches.map((watch) => watch.stop()))).flatMap((seen) => [...seen]));
});

test("no backup was taken merely because the agent started", () => {
  expect(snapshotIds()).toEqual([]);
});

test("backup takes one, and the next one is skipped as that is current", async () => {
  const first = await kamalBackup(directory, "backup");
  expect(first.stderr).not.toMatch(/error/i);
  expect(first.code).toBe(0);
  const ids = snapshotIds();
  expect(ids).toHaveLength(2);
  expect(await kamalBackup(directory, "backup")).toMatchObject({ code: 0 });
  expect(snapshotIds()).toEqual(ids);
  expect(await kamalBackup(directory, "backup", "--force")).toMatchObject({ code: 0 });
  expect(snapshotIds()).toHaveLength(4);
});

test("list shows the runs", async () => {
  const listed = await kamalBackup(directory, "list", "--json");
  expect(listed.code).toBe(0);
  expect(JSON.stringify(jsonOf(listed))).toContain(database);
});

test("a dropped table comes back, and the database that was there is kept", async () => {
  const rows = sqlOn(1, PRIMARY, ROWS);
  await kamalBackup(directory, "backup", "--force");
  sqlOn(1, PRIMARY, "drop table events");
  const refused = await kamalBackup(directory, "restore", "production", "db");
  expect(refused.code).toBe(1);
  const restored = await kamalBackup(
    directory,
    "restore",
    "production",
    "db",
    "latest",
    "--confirm",
    database,
  );
  expect(restored.stdout + restored.stderr).not.toMatch(/error/i);
  expect(restored.code).toBe(0);
  expect(sqlOn(1, PRIMARY, ROWS)).toBe(rows);
  const kept = sqlOn(1, PRIMARY, "select datname from pg_database where datname like '%\\_before\\_%'");
  expect(kept).toMatch(/^\S+$/);
});

test("a drill passes, and evidence holds it", async () => {
  const drilled = await kamalBackup(directory, "drill", "production");
  expect(drilled.stdout + drilled.stderr).not.toMatch(/error/i);
  expect(drilled.code).toBe(0);
  const evidence = await kamalBackup(directory, "evidence", "--json");
  expect(evidence.code).toBe(0);
  expect(evidence.stdout).toContain('"drill');
  expect(await kamalBackup(directory, "evidence", "--verify")).toMatchObject({ code: 0 });
});

test("a backup without what the policy asserts fails the drill, and drift says so until a good one", async () => {
  sqlOn(1, PRIMARY, "delete from events; delete from users");
  expect(await kamalBackup(directory, "backup", "--force", "--accept-smaller")).toMatchObject({ code: 0 });
  const drilled = await kamalBackup(directory, "drill", "production");
  expect(drilled.code).toBe(1);
  expect(drilled.stdout + drilled.stderr).toContain("users are there");
  const drift = await kamalBackup(directory, "drift");
  expect(drift.code).toBe(2);
  expect(drift.stdout).toContain("freshness:");
  sqlOn(1, PRIMARY, "insert into users (name, email) values ('Yap', 'yap@example.com')");
  expect(await kamalBackup(directory, "backup", "--force")).toMatchObject({ code: 0 });
  expect(await kamalBackup(directory, "drill", "production")).toMatchObject({ code: 0 });
  expect(await kamalBackup(directory, "drift")).toMatchObject({ code: 0 });
});

test("a changed schedule is a diff in the plan, reaches the container, and the ledger goes on", async () => {
  const policy = join(directory, "backup-policy.yml");
  writeFileSync(policy, readFileSync(policy, "utf8").replace('schedule: "@daily"', 'schedule: "15 2 * * *"'));
  const planned = await kamalBackup(directory, "plan");
  expect(planned.code).toBe(2);
  expect(planned.stdout).toMatch(/^ *- .*@daily/m);
  expect(planned.stdout).toMatch(/^ *\+ .*15 2 \* \* \*/m);
  expect(await kamalBackup(directory, "apply", "--auto-approve")).toMatchObject({ code: 0 });
  expect(onHost(1, "docker", "exec", AGENT_CONTAINER, "cat", "/etc/kamal-backup/policy.json")).toContain(
    "15 2 * * *",
  );
  expect(await kamalBackup(directory, "plan")).toMatchObject({ code: 0 });
  expect(await kamalBackup(directory, "evidence", "--verify")).toMatchObject({ code: 0 });
});

test("no secret is in an argument, a label, a log, the ledger, or anything printed", () => {
  const labels = onHost(
    1,
    "docker",
    "inspect",
    "-f",
    "{{json .Config.Labels}} {{json .Config.Cmd}}",
    AGENT_CONTAINER,
  );
  const logs = onHost(1, "docker", "logs", AGENT_CONTAINER);
  const secret = Object.fromEntries(Object.entries(canaries).filter(([name]) => !/_(DB|USER)$/.test(name)));
  // Kamal's own login at the registry has its password as an argument.
  const lines = [...argv].filter((line) => !line.includes("docker login"));
  expect(canariesIn([labels, logs, ...transcript, ...lines].join("\n"), secret)).toEqual([]);
  expect(canariesBelow(directory, secret).filter((hit) => !hit.includes("/.kamal/secrets: "))).toEqual([]);
  const hits = canariesOnHost(1, secret, began).filter(
    // Kamal's env files and the configuration of a container, docker's and containerd's, hold the environment.
    (hit) => !/\/\.kamal\/apps\/.*\.env: |\/containers\/.*\/config\.v2\.json: |\.bolt\/meta\.db: /.test(hit),
  );
  expect(hits).toEqual([]);
});
