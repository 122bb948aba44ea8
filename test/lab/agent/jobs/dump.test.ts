import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { backupDatabase } from "../../../../src/agent/jobs/backup-database.ts";
import { drillDatabase } from "../../../../src/agent/jobs/drill-database.ts";
import { dumpBackup } from "../../../../src/agent/jobs/dump.ts";
import { initRepository } from "../../../../src/agent/jobs/init.ts";
import { listRuns } from "../../../../src/agent/jobs/list.ts";
import { runsText } from "../../../../src/agent/jobs/list-text.ts";
import { restoreDatabase } from "../../../../src/agent/jobs/restore-database.ts";
import type { Cluster } from "../engines/postgres-cluster.ts";
import { type Agent, APP, failureOf, makeAgent, startProduction, targetOf } from "./support.ts";

const LATEST = { selector: "latest", database: null, plain: false };

let cluster: Cluster;
let agent: Agent;
let out: string;

beforeAll(async () => {
  cluster = await startProduction();
  agent = makeAgent();
  out = join(agent.directory, "out");
  execFileSync("mkdir", [out]);
  await initRepository(agent.repository, context());
  await backupDatabase(targetOf(cluster), { force: true, acceptSmaller: false }, context());
});
afterAll(() => {
  cluster.stop();
  agent.remove();
});

const context = () => agent.context([targetOf(cluster)]);

test("a dump comes out as a file of its own that pg_restore reads, and replaces an old one as a whole", async () => {
  const output = join(out, "app.pgdump");
  writeFileSync(output, "old");
  const { details } = await dumpBackup(targetOf(cluster), { ...LATEST, output }, context());
  expect(details).toMatchObject({ database: APP, output });
  expect(statSync(output).mode & 0o777).toBe(0o600);
  expect(execFileSync("pg_restore", ["--list", output], { encoding: "utf8" })).toContain(
    "TABLE DATA public users",
  );
  await expect(
    dumpBackup(targetOf(cluster), { ...LATEST, database: "nowhere", output }, context()),
  ).rejects.toMatchObject({ code: "restore.no-such-database" });
  expect(readdirSync(out)).toEqual(["app.pgdump"]);
});

test("a directory that is not there is a failure, and leaves nothing", async () => {
  const failure = await failureOf(
    dumpBackup(targetOf(cluster), { ...LATEST, output: join(out, "none/x") }, context()),
  );
  expect(failure.code).toBe("files.unwritable");
});

test("to stdout, byte for byte, also plain", () => {
  const script = join(import.meta.dirname, "dump-to-stdout.ts");
  const run = (plain: boolean) =>
    spawnSync(process.execPath, [script, agent.directory, JSON.stringify(targetOf(cluster)), String(plain)], {
      maxBuffer: 1e9,
    });
  const custom = run(false);
  expect({ status: custom.status, stderr: custom.stderr.toString() }).toEqual({ status: 0, stderr: "" });
  expect(custom.stdout.equals(readFileSync(join(out, "app.pgdump")))).toBe(true);
  const plain = run(true).stdout.toString();
  expect(plain).toContain("COPY public.users");
  expect(plain).toContain("CREATE ROLE app");
  expect(readdirSync(join(agent.directory, "scratch"))).toEqual([]);
});

test("what the gem 1.1.0 stored is listed, drilled, and restored over the application's database", async () => {
  const gems = makeAgent();
  try {
    await initRepository(gems.repository, gems.context([]));
    const dump = execFileSync("pg_dump", ["--format=custom", "--no-owner", "--no-privileges"], {
      env: {
        ...process.env,
        PGHOST: cluster.directory,
        PGPORT: String(cluster.port),
        PGUSER: "teamyap",
        PGDATABASE: APP,
      },
      maxBuffer: 1e9,
    });
    // `database:` is what the gem's configuration calls it.
    const tags = ["kamal-backup", "app:teamyap", "type:database", "database:app", "adapter:postgres"];
    gems.feed(dump, "databases-app.pgdump", tags);
    const target = targetOf(cluster);
    const work = gems.context([target]);
    const { runs } = await listRuns([target], work);
    expect(runs).toMatchObject([{ made_by: "gem", complete: true, contents: [{ database: "app" }] }]);
    expect(runsText("db", runs)).toContain("by the gem");

    const drilled = await drillDatabase(target, "latest", work);
    expect(drilled.details["databases"]).toMatchObject([{ database: APP, tables: 2, rows: 1500 }]);

    cluster.psql(APP, "TRUNCATE users");
    const options = { selector: "latest", database: null, table: null, confirm: APP };
    const { details } = await restoreDatabase(target, options, work);
    expect(details).toMatchObject({ database: APP, compared: false, tables: 2 });
    expect(cluster.psql(APP, "SELECT count(*) FROM users")).toBe("1000");

    // A run of ours after it: nothing vanished, nothing shrank.
    const { details: ours } = await backupDatabase(target, { force: true, acceptSmaller: false }, work);
    expect(ours["warnings"]).toEqual([]);
  } finally {
    gems.remove();
  }
});
