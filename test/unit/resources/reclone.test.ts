import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ReplicaSpec } from "../../../src/resources/replica/desired.ts";
import { reclone } from "../../../src/resources/replica/steps.ts";

/** What the steps of a new clone run in the replica's volumes: before it is stopped, and after. */
function scripts(pgdata: string) {
  const end = { name: "db", host: "10.0.1.2", container: "teamyap-db" };
  const spec = {
    name: "db-replica",
    host: "10.0.1.3",
    container: "teamyap-db-replica",
    primary: end,
    pgdata,
  };
  const steps = reclone(spec as unknown as ReplicaSpec);
  const argvs = steps.flatMap((step) => (step.run === "docker" && step.argv[0] === "run" ? [step.argv] : []));
  const marker = `${pgdata}.reclone`;
  return argvs.map((argv) => {
    const [program = "", ...words] = argv.slice(argv.indexOf("-c"));
    expect(program).toBe("-c");
    const { status, stderr } = spawnSync("sh", ["-c", ...words], { encoding: "utf8" });
    return { status, stderr, marked: existsSync(marker) };
  });
}

function pgdata(...files: string[]): string {
  const path = join(mkdtempSync(join(tmpdir(), "kamal-backup-reclone-")), "pgdata");
  if (files.length > 0) mkdirSync(path);
  for (const file of files) writeFileSync(join(path, file), "17\n");
  return path;
}

test.each([
  ["a standby", pgdata("PG_VERSION", "standby.signal")],
  ["a first clone that was never finished", pgdata()],
])("%s is marked, and not before it is stopped", (_what, path) => {
  expect(scripts(path)).toEqual([
    { status: 0, stderr: "", marked: false },
    { status: 0, stderr: "", marked: true },
  ]);
});

test("what became a primary is neither stopped nor marked", () => {
  const path = pgdata("PG_VERSION");
  const told = expect.stringContaining(`${path} has no standby.signal: this replica was promoted`);
  const refused = { status: 1, stderr: told, marked: false };
  expect(scripts(path)).toEqual([refused, refused]);
});
