import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { canariesBelow, canariesIn, canariesOnHost, plantCanaries } from "./support/canaries.ts";
import { containers, filesOf, kamal, newDirectory, writePolicy } from "./support/checkout.ts";
import { kamalBackup, labValue, makeApp, onHost, resetLab, sqlOn, transcript } from "./support/lab.ts";
import type { Run } from "./support/lab.ts";
import { watchHere, watchHost } from "./support/watch-argv.ts";

const PRIMARY = "teamyap-db";
const REPLICA = "teamyap-db-replica";
const canaries = plantCanaries();
const directory = newDirectory();
const temporary = newDirectory();
const began = new Date();
const deploy = join(directory, "config/deploy.yml");
const ROWS = `select (select md5(string_agg(u::text, ',' order by id)) from users u),
  (select md5(string_agg(e::text, ',' order by id)) from events e), (select count(*) from events)`;
let rows: string;
let planned: Run;
let applied: string[];
let argv: ReadonlySet<string>;

beforeAll(() => {
  process.env["TMPDIR"] = temporary;
  resetLab();
  makeApp(directory, "teamyap", canaries);
  writePolicy(directory);
  rows = sqlOn(1, PRIMARY, ROWS);
});

afterAll(() => {
  for (const path of [directory, temporary]) rmSync(path, { recursive: true, force: true });
});

test("the policy is valid", async () => {
  expect(await kamalBackup(directory, "validate")).toMatchObject({
    code: 0,
    stdout: "backup-policy.yml is valid: 1 database, 1 replica, 0 backups.\n",
  });
});

test("plan shows what will happen and what it will interrupt", async () => {
  planned = await kamalBackup(directory, "plan");
  expect(planned.code).toBe(2);
  expect(planned.stdout).toMatch(/^-\/\+ container:db {2}replace$/m);
  expect(planned.stdout).toContain("impact: recreate - db stops and starts: every connection is cut");
  for (const id of ["role:db", "hba:db", "slot:db/db_replica", "container:db-replica"]) {
    expect(planned.stdout).toMatch(new RegExp(`^ {2}\\+ ${id} {2}create$`, "m"));
  }
  expect(planned.stdout).toContain("apply needs --allow recreate");
});

test("apply without leave to interrupt is refused, and nothing at all is changed", async () => {
  const before = [filesOf(directory), containers(), hostState()];
  const run = await kamalBackup(directory, "apply", "--auto-approve");
  expect(run.code).toBe(1);
  expect(run.stderr).toContain("a change needs --allow recreate (apply.not-allowed)");
  expect(run.stderr).toContain("container:db needs recreate: db stops and starts");
  expect([filesOf(directory), containers(), hostState()]).toEqual(before);
});

test("apply makes it so", async () => {
  const watches = [watchHost(1), watchHost(2), watchHere()];
  const run = await kamalBackup(directory, "apply", "--auto-approve", "--allow", "recreate");
  argv = new Set((await Promise.all(watches.map((watch) => watch.stop()))).flatMap((seen) => [...seen]));
  expect(run).toMatchObject({ code: 0 });
  expect(run.stdout).toContain(planned.stdout.trimEnd().split("\n\n")[1]);
  expect(run.stdout).toMatch(/^Applied: .*container:db, .*replica:db-replica\.$/m);
  applied = containers();
});

test("then there is nothing to change, and nothing has drifted", async () => {
  expect(await kamalBackup(directory, "plan")).toMatchObject({
    code: 0,
    stdout: "teamyap: nothing to change.\n",
  });
  expect(await kamalBackup(directory, "drift")).toMatchObject({ code: 0, stdout: "teamyap: no drift.\n" });
});

test("the replica streams through its slot", () => {
  expect(
    sqlOn(
      1,
      PRIMARY,
      `select s.slot_name, r.state, r.client_addr, r.usename from pg_stat_replication r
       join pg_replication_slots s on s.active_pid = r.pid`,
    ),
  ).toBe(`db_replica|streaming|${labValue("LAB_HOST2")}|${canaries["REPLICATION_USER"]}`);
});

test("every row from before is there, on both", () => {
  expect(sqlOn(1, PRIMARY, ROWS)).toBe(rows);
  expect(sqlOn(2, REPLICA, ROWS)).toBe(rows);
});

test("a row written to the primary is on the replica within a second", () => {
  // Written a little later, in the background, so that the replica is looking already. The hosts have one clock.
  const write = `select pg_sleep(1); insert into users (name, email, created_at) values ('Zoë', 'zoe@teamyap.app', clock_timestamp())`;
  onHost(
    1,
    ...["docker", "exec", "--detach", PRIMARY, "sh", "-c"],
    `psql -X -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" ${write
      .split("; ")
      .map((statement) => `-c "${statement}"`)
      .join(" ")}`,
  );
  const seconds = sqlOn(
    2,
    REPLICA,
    `do $$ begin
       for i in 1..400 loop
         exit when exists (select from users where email = 'zoe@teamyap.app');
         perform pg_sleep(0.05);
       end loop;
       perform set_config('test.seen', clock_timestamp()::text, false);
     end $$;
     select extract(epoch from current_setting('test.seen')::timestamptz - created_at) from users
     where email = 'zoe@teamyap.app'`,
  );
  expect(Number.parseFloat(seconds)).toBeLessThan(1);
});

test("a write on the replica is refused", () => {
  expect(() => sqlOn(2, REPLICA, "delete from users")).toThrow(
    "cannot execute DELETE in a read-only transaction",
  );
});

test("deploy.yml has lines more and none less", () => {
  const [added, removed] = git("diff", "--numstat", "config/deploy.yml").split("\t").map(Number);
  expect(added).toBeGreaterThan(20);
  expect(removed).toBe(0);
  const text = readFileSync(deploy, "utf8");
  expect(text).toContain(`APPLICATION_HOST: <%= ENV.fetch("APPLICATION_HOST", "teamyap.app") %>\n`);
  expect(text).toContain("  # The only copy of our data. Handle with care!\n");
});

test("a second apply changes nothing", async () => {
  const text = readFileSync(deploy, "utf8");
  const run = await kamalBackup(directory, "apply", "--auto-approve");
  expect(run).toMatchObject({ code: 0, stdout: "teamyap: nothing to change.\n" });
  expect(readFileSync(deploy, "utf8")).toBe(text);
  expect(containers()).toEqual(applied);
});

test("Kamal works on both accessories as before, and its lock is free", () => {
  expect(kamal(directory, "accessory", "details", "db")).toContain(PRIMARY);
  expect(kamal(directory, "accessory", "details", "db-replica")).toContain(REPLICA);
  expect(kamal(directory, "accessory", "exec", "db", "--reuse", "-q", "psql --version")).toContain(
    "psql (PostgreSQL) 17",
  );
  expect(kamal(directory, "lock", "status")).toContain("There is no deploy lock");
});

test("no secret is in any output, nor in a file of the checkout but Kamal's own", async () => {
  await kamalBackup(directory, "plan", "--json");
  await kamalBackup(directory, "plan", "--commands");
  await kamalBackup(directory, "drift", "--json");
  expect(readFileSync(join(directory, ".kamal/kamal-backup/journal.jsonl"), "utf8")).toContain(`"end"`);
  expect(transcript.length).toBeGreaterThan(16);
  expect(canariesIn(transcript.join("\n"), canaries)).toEqual([]);
  const secrets = join(directory, ".kamal/secrets");
  expect(canariesBelow(directory, canaries).filter((hit) => !hit.startsWith(`${secrets}:`))).toEqual([]);
  expect(canariesBelow(temporary, canaries)).toEqual([]);
});

test("no secret was in the arguments of a process, on this machine and on both hosts", () => {
  expect([...argv].some((line) => line.includes("accessory reboot db"))).toBe(true);
  expect([...argv].some((line) => line.includes("pg_basebackup"))).toBe(true);
  const exposed = [...argv].flatMap((line) =>
    canariesIn(line, canaries)
      .filter((name) => !isShownByOthers(name, line))
      .map((name) => `${name} in ${line}`),
  );
  expect(exposed).toEqual([]);
});

test("no secret lies in a file of a host where it need not be", () => {
  for (const host of [1, 2] as const) {
    const hits = canariesOnHost(host, canaries, began);
    expect(hits.some((hit) => hit.includes("/.kamal/apps/teamyap/env/accessories/"))).toBe(true);
    expect(hits.filter((hit) => !mayHold(hit))).toEqual([]);
  }
});

function git(...args: string[]): string {
  return execFileSync("git", ["-C", directory, ...args], { encoding: "utf8" });
}

/** What a refused apply could have changed on the hosts. */
function hostState(): string[] {
  return ([1, 2] as const).map((host) =>
    onHost(
      host,
      "sh",
      "-c",
      "ls -A ~ ~/.kamal; cat ~/teamyap-db/data/pg_hba.conf ~/teamyap-db/data/postgresql.auto.conf 2>/dev/null || true",
    ),
  );
}

/** Postgres shows the user and database of a session in its process title; `docker login` of Kamal has a password. */
function isShownByOthers(name: string, line: string): boolean {
  if (name === "KAMAL_REGISTRY_PASSWORD") return line.includes("docker login");
  return !name.endsWith("PASSWORD") && line.startsWith("postgres: ");
}

/**
 * Kamal's env files and docker's configuration of a container; the names of users and databases, but no password, in
 * Postgres' data directory; and the passfile in the replica's container.
 */
function mayHold(hit: string): boolean {
  if (/^\/root\/\.kamal\/apps\/teamyap\/env\/accessories\/[\w-]+\.env: /.test(hit)) return true;
  if (/^\/var\/lib\/docker\/(containers\/\w+\/config\.v2\.json|containerd\/.*\/meta\.db): /.test(hit))
    return true;
  if (/^\/root\/teamyap-db(-replica)?\/data\/.*: (POSTGRES_DB|POSTGRES_USER|REPLICATION_USER)$/.test(hit))
    return true;
  return /^\/var\/lib\/docker\/overlay2\/\w+\/diff\/tmp\/kamal-backup\/passfile: REPLICATION_PASSWORD$/.test(
    hit,
  );
}
