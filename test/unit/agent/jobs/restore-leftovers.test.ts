import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { serverOf } from "../../../../src/agent/engines/sqlite/server.ts";
import { backupDatabase } from "../../../../src/agent/jobs/backup-database.ts";
import { madeDatabases, noteMade } from "../../../../src/agent/jobs/made-databases.ts";
import { finishSwaps, removeLeftovers } from "../../../../src/agent/jobs/restore-leftovers.ts";
import type { SqliteTarget } from "../../../../src/model/agent-policy.ts";
import { aStateDirectory } from "../a-state-directory.ts";
import { aDatabase } from "../an-agent-policy.ts";
import { anAgent } from "../an-agent.ts";

const TAKE = { force: false, acceptSmaller: false };

/** A restore of `app` that failed while it took its place; the files say what they are. */
function afterFailedSwap(files: readonly string[]) {
  const directory = aStateDirectory();
  const fileOf = (name: string): string => join(directory, `${name}.sqlite3`);
  for (const name of files) writeFileSync(fileOf(name), name);
  const context = anAgent();
  const { name, objectives, drill, backup } = aDatabase("db");
  const target: SqliteTarget = { type: "sqlite", name, objectives, drill, backup, path: fileOf("app") };
  const made = { name: "app_restored_1", of: "app", keptAs: "app_before_2", at: "2026-11-21T02:15:00.000Z" };
  noteMade(target, { ...made, stage: "swapping" }, context);
  return { target, server: serverOf(fileOf("app"), "3", context), context, fileOf };
}

test("a swap that is one step and did not happen is not done later: production stays as it is", async () => {
  const { target, server, context, fileOf } = afterFailedSwap(["app", "app_restored_1", "app_before_2"]);
  await finishSwaps(target, server, context);
  await removeLeftovers(target, server, context);
  expect(readFileSync(fileOf("app"), "utf8")).toBe("app");
  expect(existsSync(fileOf("app_restored_1"))).toBe(false);
  expect(madeDatabases(target, context)).toMatchObject([{ name: "app_before_2", of: "app", stage: "kept" }]);
});

test("one that was killed with nothing in production's place is brought to its end", async () => {
  const { target, server, context, fileOf } = afterFailedSwap(["app_restored_1", "app_before_2"]);
  await finishSwaps(target, server, context);
  expect(readFileSync(fileOf("app"), "utf8")).toBe("app_restored_1");
  expect(madeDatabases(target, context)).toMatchObject([{ name: "app_before_2", stage: "kept" }]);
});

test("a backup brings it to its end first", async () => {
  const { target, context, fileOf } = afterFailedSwap(["app_restored_1", "app_before_2"]);
  // It stops there: the policy of the test has no repository that could be opened.
  await expect(backupDatabase(target, TAKE, context)).rejects.toBeInstanceOf(Error);
  expect(readFileSync(fileOf("app"), "utf8")).toBe("app_restored_1");
  expect(madeDatabases(target, context)).toMatchObject([{ name: "app_before_2", stage: "kept" }]);
});

test("no backup is taken where that cannot be done, also not where the newest is current", async () => {
  const context = anAgent();
  const connection = { ...aDatabase("db").connection, host: "127.0.0.1", port: 1 };
  const target = { ...aDatabase("db"), connection };
  const made = { name: "app_restored_1", of: "app", keptAs: "app_before_2", at: "2026-11-21T02:15:00.000Z" };
  noteMade(target, { ...made, stage: "swapping" }, context);
  await expect(backupDatabase(target, TAKE, context)).rejects.toMatchObject({
    code: "backup.half-restored",
    message: expect.stringContaining("a restore of app was interrupted while it took its place"),
  });
});
