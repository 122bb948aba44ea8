import { copyFileSync, mkdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newDirectory } from "../support/checkout.ts";
import { kamalBackup, labCommand, labValue, makeApp, onHost, resetLab } from "../support/lab.ts";
import { files, mariadb, mysql, postgres, sqlite } from "./subjects.ts";
import { agentContainer, jsonOf } from "./support.ts";

const directory = newDirectory();
const HOSTS = [1, 2] as const;
const SUBJECTS = [
  postgres({ target: "db", host: 1, repository: "offsite" }),
  mariadb({ target: "shop", host: 1, repository: "disk" }),
  mysql({ target: "market", host: 1, repository: "offsite" }),
  sqlite({ target: "notes", host: 1, repository: "offsite" }),
  sqlite({ target: "accounts", host: 1, repository: "rest" }),
  files({ target: "uploads", host: 1, repository: "disk" }, "/var/lib/teamyap/storage"),
  files({ target: "parcels", host: 1, repository: "sftp" }, "/var/lib/teamyap/parcels"),
  postgres({ target: "db2", host: 2, repository: "disk" }),
  mariadb({ target: "shop2", host: 2, repository: "offsite" }),
  mysql({ target: "market2", host: 2, repository: "disk" }),
  sqlite({ target: "notes2", host: 2, repository: "disk" }),
  files({ target: "uploads2", host: 2, repository: "offsite" }, "/var/lib/teamyap/storage"),
];
const targets = SUBJECTS.map(({ target }) => target);

interface ListedRun {
  readonly target: string;
  readonly repository: string;
  readonly run: string;
  readonly complete: boolean;
}

/** Runs a command in the agents of both hosts at once; the same of them all must come of it. */
async function onBoth(...argv: string[]): Promise<string> {
  const runs = await Promise.all(
    HOSTS.map((host) => kamalBackup(directory, ...argv, "--host", labValue(`LAB_HOST${host}`))),
  );
  const said = runs.map(({ stdout, stderr }) => stdout + stderr).join("\n");
  expect(
    runs.map(({ code }) => code),
    said,
  ).toEqual([0, 0]);
  return said;
}

async function run(...argv: string[]): Promise<void> {
  const { code, stdout, stderr } = await kamalBackup(directory, ...argv);
  expect(code, stdout + stderr).toBe(0);
}

async function listed(): Promise<readonly ListedRun[]> {
  const { agents } = jsonOf<{ agents: { exit: number; output: { runs: ListedRun[] } }[] }>(
    await kamalBackup(directory, "list", "--json"),
  );
  expect(agents).toEqual(agents.map(() => expect.objectContaining({ exit: 0 })));
  return agents.flatMap(({ output }) => output.runs);
}

const runsOf = (runs: readonly ListedRun[], target: string) =>
  runs.filter((run) => run.target === target).map(({ run }) => run);

beforeAll(async () => {
  resetLab();
  labCommand("image", "mariadb", "mysql");
  labCommand("agent", "17");
  labCommand("service", "s3", "rest", "sftp");
  labCommand("bucket", "teamyap-backups");
  makeApp(directory, "engines");
  copyFileSync(labValue("LAB_CA"), join(directory, "config/backup-ca.pem"));
  copyFileSync(labValue("LAB_SFTP_KNOWN_HOSTS"), join(directory, "config/backup-known-hosts"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test("one apply puts an agent on each host and makes the repositories of every kind", async () => {
  const applied = await kamalBackup(directory, "apply", "--auto-approve");
  expect(applied.stdout + applied.stderr).not.toMatch(/error/i);
  expect(applied.code, applied.stdout + applied.stderr).toBe(0);
  expect(await kamalBackup(directory, "plan")).toMatchObject({ code: 0 });
  for (const subject of SUBJECTS) subject.fill();
});

test("two hosts that share a repository back up at once", async () => {
  expect(await onBoth("backup")).not.toMatch(/error/i);
  const runs = await listed();
  expect(runs.map(({ target, repository, complete }) => ({ target, repository, complete }))).toEqual(
    expect.arrayContaining(
      SUBJECTS.map(({ target, repository }) => ({ target, repository, complete: true })),
    ),
  );
  expect(runs).toHaveLength(SUBJECTS.length);
});

test("every database passes its drill, out of every kind of repository", async () => {
  const said = await onBoth("drill", "production");
  expect(said).not.toMatch(/error|failed/i);
  expect(said.match(/MariaDB [0-9.]+ in the place of MySQL/g)).toHaveLength(2);
});

test.each(SUBJECTS)("$target comes back whole from $repository", async ({ target, name, harm, read }) => {
  const before = read();
  harm();
  expect(read()).not.toBe(before);
  await run("restore", "production", target, "latest", "--confirm", name);
  expect(read()).toBe(before);
});

test("files are read-only for the agent, and the container that restores them is gone", () => {
  for (const [host, target] of [
    [1, "uploads"],
    [2, "uploads2"],
  ] as const) {
    const touch = ["docker", "exec", agentContainer(host), "touch", `/backup/${target}/storage/new`];
    expect(() => onHost(host, ...touch)).toThrow(/Read-only file system/);
    expect(onHost(host, "docker", "ps", "-a", "--format", "{{.Names}}")).not.toContain("restore");
  }
});

test("backups come to the checkout: as plain SQL for a new server, as a file, as a directory", async () => {
  const place = (name: string) => join(directory, "tmp", name);
  mkdirSync(place(""));
  await run("dump", "db", "-o", place("setup.sql"), "--plain");
  await run("dump", "shop2", "-o", place("shop.sql"), "--plain");
  await run("restore", "local", "notes2", "--to", place("development.sqlite3"));
  await run("restore", "local", "uploads2", "--to", place("uploads"));
  expect(readFileSync(place("setup.sql"), "utf8")).toContain("Åsa 500");
  expect(readFileSync(place("shop.sql"), "utf8")).toContain("Åsa 500");
  expect(readFileSync(place("development.sqlite3")).subarray(0, 15).toString()).toBe("SQLite format 3");
  expect(readFileSync(place("uploads/storage/ab/two ü"), "utf8")).toBe("two\n");
  expect(readlinkSync(place("uploads/storage/ab/link"))).toBe("cd/one");
  const psql =
    'createdb -U "$POSTGRES_USER" copy && printf %s "$1" | psql -qX1 -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d copy';
  const setup = readFileSync(place("setup.sql"), "utf8");
  onHost(2, "docker", "exec", "teamyap-db2", "sh", "-c", psql, "sh", setup);
  const count = ["psql", "-U", "teamyap", "-d", "copy", "-Atc", "select count(*) from users"];
  expect(onHost(2, "docker", "exec", "teamyap-db2", ...count).trim()).toBe("500");
});

test("retention keeps what each target's rules keep, and of the other host's nothing less", async () => {
  const first = await listed();
  await onBoth("backup", "--force");
  await onBoth("backup", "--force");
  const runs = await listed();
  for (const target of targets) {
    expect(runsOf(runs, target), target).toHaveLength(2);
    expect(runsOf(runs, target), target).not.toContain(runsOf(first, target)[0]);
  }
  expect(await onBoth("prune")).not.toMatch(/error/i);
  expect(await listed()).toEqual(
    runs.map((run) => expect.objectContaining({ run: run.run, target: run.target })),
  );
  expect(await onBoth("check")).not.toMatch(/error/i);
});

test("a dump that MariaDB refuses in the place of MySQL passes no drill", async () => {
  const client = 'MYSQL_PWD=$MYSQL_ROOT_PASSWORD mysql -h 127.0.0.1 -u root shop -e "$0"';
  const index = "create index lowered on users ((lower(left(name, 50))))";
  onHost(2, "docker", "exec", "teamyap-market2", "sh", "-c", client, index);
  await run("backup", "market2", "--force");
  const { code, stdout, stderr } = await kamalBackup(directory, "drill", "production", "market2");
  expect(code, stdout + stderr).toBe(1);
  expect(stdout + stderr).toMatch(/shop could not be restored on MariaDB [0-9.]+ in the place of MySQL/);
});
