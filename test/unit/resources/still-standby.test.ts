import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { planOf, situationOf } from "../../cases/support/plan-case.ts";
import { casesOf } from "../../cases/support/case.ts";

/** What is planned before a stopped replica is started, from its shell's arguments on. */
function script(): string[] {
  const stopped = casesOf("container").find(({ file }) => file.endsWith("/stopped-replica.yml"));
  if (stopped === undefined) throw new Error("no such case");
  const { changes } = planOf(situationOf(stopped));
  const [look] = changes.find(({ id }) => id === "container:db-replica")?.steps ?? [];
  if (look?.run !== "docker") throw new Error("the first step does not look");
  return look.argv.slice(look.argv.indexOf("-c"), -1);
}

test.each([
  ["nothing is there yet", [], 0],
  ["a clone is half done", ["pgdata.cloning/PG_VERSION", "pgdata.cloning/standby.signal"], 0],
  ["the data directory was made and is empty", ["pgdata/"], 0],
  ["it is a standby's", ["pgdata/PG_VERSION", "pgdata/standby.signal"], 0],
  [
    "it is a standby's that is to be cloned again",
    ["pgdata/PG_VERSION", "pgdata/standby.signal", "pgdata.reclone"],
    0,
  ],
  ["it was promoted", ["pgdata/PG_VERSION"], 1],
  ["it was promoted after a clone was asked for", ["pgdata/PG_VERSION", "pgdata.reclone"], 1],
])("where %s", (_what, files, status) => {
  const directory = mkdtempSync(join(tmpdir(), "still standby-"));
  for (const file of files) {
    mkdirSync(join(directory, file, file.endsWith("/") ? "" : ".."), { recursive: true });
    if (!file.endsWith("/")) writeFileSync(join(directory, file), "17\n");
  }
  const before = readdirSync(directory, { recursive: true });
  const pgdata = join(directory, "pgdata");
  const run = spawnSync("sh", [...script(), pgdata], { encoding: "utf8" });
  expect(run.status).toBe(status);
  expect(run.stderr.split(":")[0]).toBe(status === 0 ? "" : `${pgdata} has no standby.signal`);
  expect(readdirSync(directory, { recursive: true })).toEqual(before);
});
