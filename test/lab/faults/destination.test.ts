import { afterAll, beforeAll, expect, test } from "vitest";
import { kamalBackup, onHost, start } from "../support/lab.ts";
import type { Running } from "../support/lab.ts";
import {
  ALLOWED,
  freshApp,
  git,
  locks,
  removeApps,
  replicaPolicy,
  rows,
  streamState,
  textOf,
} from "./support.ts";

let app = "";
let rowsBefore = "";
let locksMeanwhile: string[] = [];
let apply: Running;

beforeAll(async () => {
  app = freshApp("staging", replicaPolicy());
  rowsBefore = rows(1, "teamyap-db");
  apply = start(app, [...ALLOWED, "-d", "staging"]);
  await apply.seen(/accessory reboot/);
  locksMeanwhile = locks();
  const { code, stdout, stderr } = await apply.done;
  expect(code, stdout + stderr).toBe(0);
});
afterAll(removeApps);

test("the lock is the destination's, and is released", () => {
  expect(locksMeanwhile).toEqual(["/root/.kamal/lock-teamyap-staging"]);
  expect(locks()).toEqual([]);
});

test("edits go where the keys belong: the new accessory to the destination's file, the shared keys to deploy.yml", () => {
  expect(git(app, "status", "--porcelain").split("\n").sort().filter(Boolean)).toEqual([
    " M config/deploy.staging.yml",
    " M config/deploy.yml",
    "?? config/kamal-backup/",
  ]);
  expect(textOf(app, "config/deploy.staging.yml")).toMatch(/^ {2}db-replica:\n {4}image: /m);
  expect(textOf(app, "config/deploy.yml")).not.toContain("db-replica");
  expect(textOf(app, "config/deploy.yml")).toMatch(/^ {4}cmd: postgres .*-c wal_level=replica/m);
});

test("the replica streams, with the destination's secrets", () => {
  expect(streamState()).toBe("streaming");
  expect(rows(2, "teamyap-db-replica")).toBe(rowsBefore);
  const env = "/root/.kamal/apps/teamyap-staging/env/accessories/db-replica.env";
  expect(onHost(2, "cat", env)).toContain("REPLICATION_PASSWORD=lab-replication-password");
  expect(onHost(2, "stat", "-c", "%a", env).trim()).toBe("600");
});

test("nothing is left to do for the destination; without one nothing is guessed", async () => {
  const { code, stdout } = await kamalBackup(app, "plan", "-d", "staging");
  expect(code, stdout).toBe(0);
  const without = await kamalBackup(app, "plan");
  expect(without.code).toBe(1);
  expect(without.stderr).toMatch(/kamal\.failed\)\n +where: kamal config/);
});
