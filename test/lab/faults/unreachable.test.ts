import { afterAll, beforeAll, expect, test } from "vitest";
import { kamalBackup, labValue, sqlOn } from "../support/lab.ts";
import type { Run } from "../support/lab.ts";
import {
  ALLOWED,
  answers,
  copyOf,
  freeze,
  freshApp,
  incarnation,
  locks,
  removeApps,
  replicaPolicy,
  rewrite,
  rows,
  streamState,
  textOf,
  thaw,
} from "./support.ts";

let app = "";
let rowsBefore = "";

beforeAll(() => {
  app = freshApp("teamyap", replicaPolicy());
  rowsBefore = rows(1, "teamyap-db");
});
afterAll(() => {
  thaw();
  removeApps();
});

async function bounded(seconds: number, directory: string, ...argv: string[]): Promise<Run> {
  const started = Date.now();
  const run = await kamalBackup(directory, ...argv);
  expect(Date.now() - started, "milliseconds").toBeLessThan(seconds * 1000);
  return run;
}

test("a second host whose address nobody has: plan shows the rest, and plan and drift end with 3", async () => {
  const directory = copyOf(app);
  const nobody = labValue("LAB_HOST2").replace(/\d+$/, "99");
  rewrite(
    directory,
    "backup-policy.yml",
    /host: .*\n.*address: .*/,
    `host: ${nobody}\n        address: ${nobody}`,
  );
  const { code, stdout } = await bounded(30, directory, "plan");
  expect(code).toBe(3);
  expect(stdout).toMatch(
    /! container:db-replica.* could not be observed\n +host \S+\.99 (cannot be reached|did not answer)/,
  );
  expect(stdout).toMatch(/-\/\+ container:db {2}replace/);
  expect(stdout).toMatch(/\+ role:db {2}create/);
  const drift = await bounded(30, directory, "drift");
  expect(drift.code).toBe(3);
  expect(drift.stdout).toMatch(/container:db-replica/);
});

test("apply with a second host that hangs does what the primary needs, ends with 3 and frees the lock", async () => {
  freeze();
  const { code, stdout, stderr } = await bounded(90, app, ...ALLOWED);
  expect(code, stdout + stderr).toBe(3);
  expect(stdout).toMatch(/^Applied: .*container:db.*role:db/m);
  expect(stdout).toMatch(/^Left as it is: container:db-replica: host \S+/m);
  expect(locks()).toEqual([]);
  expect(sqlOn(1, "teamyap-db", "show wal_level")).toBe("replica");
  expect(sqlOn(1, "teamyap-db", "select count(*) from pg_roles where rolname = 'replicator'")).toBe("1");
  expect(rows(1, "teamyap-db")).toBe(rowsBefore);
  expect(textOf(app, "config/deploy.yml"), "nothing is planned for a host that was not seen").not.toContain(
    "db-replica:",
  );
});

test("when the host is back, apply finishes without touching the primary again", async () => {
  const primary = incarnation(1, "teamyap-db");
  thaw();
  const { code, stdout, stderr } = await bounded(120, app, ...ALLOWED);
  expect(code, stdout + stderr).toBe(0);
  expect(incarnation(1, "teamyap-db")).toBe(primary);
  expect(streamState()).toBe("streaming");
  await answers(2, "teamyap-db-replica");
  expect(rows(2, "teamyap-db-replica")).toBe(rowsBefore);
  expect((await kamalBackup(app, "plan")).code).toBe(0);
});
