import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newDirectory } from "../support/checkout.ts";
import { kamalBackup, labCommand, labValue, makeApp, onHost, resetLab, sqlOn } from "../support/lab.ts";
import { agentContainer, jsonOf } from "./support.ts";

/** Two apps, one of which has the other's name in its own, in one repository; each agent is of its server's major. */
const APPS = [
  { host: 1, app: "teamyap", scenario: "postgres-18", major: "18", directory: newDirectory() },
  { host: 2, app: "teamyap2", scenario: "postgres-15", major: "15", directory: newDirectory() },
] as const;
const [ONE, TWO] = APPS;
type App = (typeof APPS)[number];

const BUCKET = "teamyap-backups";
const ROWS = "select md5(string_agg(u::text, ',' order by id)) from users u";
/** S3 lists a thousand keys at a time. */
const PACKS = 2500;
const SNAPSHOTS = 1024;

interface Snapshot {
  readonly id: string;
  readonly tags: readonly string[];
}

interface ListedRun {
  readonly run: string;
  readonly target: string;
  readonly made_by: string;
  readonly contents: readonly { readonly snapshot: string }[];
}

const sql = ({ host, app }: App, statement: string) => sqlOn(host, `${app}-db`, statement);

/** restic itself in an app's agent, on the repository of them both. */
function restic({ host, app }: App, ...argv: string[]): string {
  const repository = `RESTIC_REPOSITORY=s3:${labValue("LAB_S3_HTTPS")}/${BUCKET}`;
  const program = ["restic", "--no-cache", "--cacert", "/etc/kamal-backup/ca/offsite.pem"];
  return onHost(host, "docker", "exec", "-e", repository, agentContainer(host, app), ...program, ...argv);
}

/** Of each app in the repository, whatever its agent says of them. */
function snapshotsOf({ app }: App): string[] {
  const all = JSON.parse(restic(ONE, "snapshots", "--json", "--no-lock")) as Snapshot[];
  return all.filter(({ tags }) => tags.includes(`app:${app}`)).map(({ id }) => id);
}

async function run({ directory }: App, ...argv: string[]): Promise<string> {
  const { code, stdout, stderr } = await kamalBackup(directory, ...argv);
  expect(code, stdout + stderr).toBe(0);
  return stdout + stderr;
}

async function listed({ directory }: App): Promise<readonly ListedRun[]> {
  const { runs } = jsonOf<{ runs: ListedRun[] }>(await kamalBackup(directory, "list", "db", "--json"));
  return runs;
}

const both = async (...argv: string[]) => await Promise.all(APPS.map((app) => run(app, ...argv)));
const restore = ["restore", "production", "db", "latest", "--confirm", "teamyap_production"];

beforeAll(async () => {
  resetLab();
  labCommand("image", "postgres-15", "postgres-18");
  labCommand("agent", "15", "18");
  labCommand("bucket", BUCKET);
  // A tag that does not say its major.
  const registry = "registry.lab:5000/postgres";
  onHost(2, "docker", "tag", `${registry}:17`, `${registry}:latest`);
  for (const { directory, scenario } of APPS) {
    makeApp(directory, scenario);
    copyFileSync(labValue("LAB_CA"), join(directory, "config/backup-ca.pem"));
  }
  // One after the other: restic's init of one place by two at once leaves a repository that nobody can open.
  for (const app of APPS) await run(app, "apply", "--auto-approve");
});
afterAll(() => {
  for (const { directory } of APPS) rmSync(directory, { recursive: true, force: true });
});

test("two apps share a repository: each backs up, lists and drills its own, on Postgres 18 and 15", async () => {
  await both("backup", "db");
  for (const app of APPS) {
    expect(sql(app, "show server_version")).toMatch(new RegExp(`^${app.major}\\.`));
    const [only, ...others] = await listed(app);
    expect(others).toEqual([]);
    expect(snapshotsOf(app)).toHaveLength(2);
    expect(snapshotsOf(app)).toContain(only?.contents[0]?.snapshot);
  }
  await both("drill", "production", "db");
});

test("each restores its own, and cannot name the other's", async () => {
  const before = APPS.map((app) => sql(app, ROWS));
  sql(ONE, "drop table users");
  sql(TWO, "delete from users where id > 10");
  await Promise.all(APPS.map((app) => run(app, ...restore)));
  expect(APPS.map((app) => sql(app, ROWS))).toEqual(before);
  for (const [app, other] of [APPS, APPS.toReversed()] as (readonly [App, App])[]) {
    const [foreign = ""] = snapshotsOf(other);
    const refused = await kamalBackup(app.directory, ...restore.with(3, foreign.slice(0, 12)));
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("repository.no-such-run");
  }
});

test("retention and prune of one leave the other's alone", async () => {
  const theirs = snapshotsOf(TWO);
  for (let count = 0; count < 2; count += 1) await run(ONE, "backup", "db", "--force");
  await run(ONE, "prune");
  expect(await listed(ONE)).toHaveLength(2);
  expect(snapshotsOf(ONE)).toHaveLength(4);
  expect(snapshotsOf(TWO)).toEqual(theirs);
});

test("a server that is newer than the agent's programs is refused with nothing stored", async () => {
  const { directory } = TWO;
  const manifest = join(directory, "config/deploy.yml");
  const text = readFileSync(manifest, "utf8");
  writeFileSync(manifest, text.replace("postgres:latest", "postgres:17"));
  const told = await kamalBackup(directory, "validate");
  expect(told.code).toBe(1);
  expect(told.stderr + told.stdout).toContain("pg_dump refuses a server newer than itself");
  writeFileSync(manifest, text);

  const before = snapshotsOf(TWO);
  const refused = await kamalBackup(directory, "backup", "next");
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(/the server is PostgreSQL 17\.\d+, and the programs here are of 15/);
  expect(refused.stderr).toContain("Use the agent's image of the server's major version");
  expect(snapshotsOf(TWO)).toEqual(before);
});

test("a repository of thousands of objects is listed, forgotten and pruned to the last of them", async () => {
  const theirs = snapshotsOf(TWO);
  // As the gem tags one; rewritten for another host beside what is there, they double.
  const tags = ["kamal-backup", "app:teamyap", "type:database", "database:app", "adapter:postgres"];
  const feed = ["backup", "--stdin-from-command", ...tags.flatMap((tag) => ["--tag", tag])];
  restic(ONE, ...feed, "--host", "h", "--", "hostname");
  for (let count = 1; count < SNAPSHOTS; count *= 2)
    restic(ONE, "rewrite", "--tag", tags.join(), "--new-host", `h${count}`);
  const packs = Array.from({ length: PACKS }, () => randomBytes(32).toString("hex"));
  const put = (name: string) =>
    fetch(`${labValue("LAB_S3_HTTP")}/${BUCKET}/data/${name.slice(0, 2)}/${name}`, {
      method: "PUT",
      body: name,
    });
  for (let from = 0; from < PACKS; from += 10) await Promise.all(packs.slice(from, from + 10).map(put));

  const there = () => {
    const stored = new Set(restic(ONE, "list", "packs", "--no-lock").split("\n"));
    return packs.filter((name) => stored.has(name)).length;
  };
  expect(there()).toBe(PACKS);
  const runs = await listed(ONE);
  expect(runs.filter(({ made_by }) => made_by === "gem")).toHaveLength(SNAPSHOTS);
  expect(runs.filter(({ made_by }) => made_by === "kamal-backup")).toHaveLength(2);
  await run(ONE, "backup", "db", "--force");
  expect((await listed(ONE)).map(({ made_by }) => made_by)).toEqual(["kamal-backup", "gem", "kamal-backup"]);
  expect(snapshotsOf(TWO)).toEqual(theirs);
  await run(ONE, "prune");
  expect(there()).toBe(0);
  await both("drill", "production", "db");
});
