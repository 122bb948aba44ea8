import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Change } from "../../src/model/change.ts";
import type { Impact } from "../../src/model/impact.ts";
import type { Plan } from "../../src/model/plan.ts";
import { readHba, sedHba, startAnew } from "./support/by-hand.ts";
import { canariesIn, plantCanaries } from "./support/canaries.ts";
import { containers, newDirectory, writePolicy } from "./support/checkout.ts";
import {
  engine,
  kamalBackup,
  labValue,
  makeApp,
  onHost,
  resetLab,
  sqlOn,
  transcript,
} from "./support/lab.ts";
import type { Run } from "./support/lab.ts";

const PRIMARY = "teamyap-db";
const REPLICA = "teamyap-db-replica";
const SETTINGS = "settings: { max_slot_wal_keep_size: 48MB }";
const canaries = plantCanaries();
const directory = newDirectory();
const deploy = join(directory, "config/deploy.yml");

beforeAll(async () => {
  resetLab();
  makeApp(directory, "teamyap", canaries);
  writePolicy(directory, [SETTINGS]);
  expect(await apply("recreate")).toMatchObject({ code: 0 });
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Found {
  readonly code: number | null;
  /** `id action cause` of what drifted. */
  readonly culprits: readonly string[];
  readonly drifted: readonly Change[];
}

async function drift(): Promise<Found> {
  const { code, stdout } = await kamalBackup(directory, "drift", "--json");
  const { drifted } = JSON.parse(stdout) as { drifted: Change[] };
  return { code, drifted, culprits: drifted.map(headOf).sort() };
}

async function plan(): Promise<{ code: number | null; changes: readonly Change[] }> {
  const { code, stdout } = await kamalBackup(directory, "plan", "--json");
  return { code, changes: (JSON.parse(stdout) as Plan).changes.filter(({ action }) => action !== "none") };
}

function headOf({ id, action, cause }: Change): string {
  return `${id} ${action} ${cause}`;
}

function apply(allow?: Impact): Promise<Run> {
  return kamalBackup(
    directory,
    "apply",
    "--auto-approve",
    ...(allow === undefined ? [] : ["--allow", allow]),
  );
}

/** Drift names exactly these, with a reason that says what happened; gives them. */
async function finds(culprits: readonly string[], reason: RegExp): Promise<readonly Change[]> {
  const found = await drift();
  expect(found).toMatchObject({ code: 2, culprits: [...culprits].sort() });
  const told = found.drifted.flatMap((change) => [change.reason, ...change.warnings]).join("\n");
  expect(told).toMatch(reason);
  return found.drifted;
}

/** Apply does nothing at all without this leave. */
async function needs(allow: "recreate" | "data"): Promise<void> {
  const before = containers();
  const refused = await apply(allow === "data" ? "recreate" : undefined);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain(`--allow ${allow} (apply.not-allowed)`);
  expect(containers()).toEqual(before);
}

/** Apply puts it right, with this leave. */
async function heals(allow?: "recreate" | "data"): Promise<void> {
  const run = await apply(allow);
  expect(run, run.stdout + run.stderr).toMatchObject({ code: 0 });
  expect(await drift()).toEqual({ code: 0, culprits: [], drifted: [] });
}

function streams(): string {
  return sqlOn(1, PRIMARY, "select application_name, state from pg_stat_replication");
}

describe("pg_hba.conf", () => {
  test.each([
    ["added to", "/^# BEGIN kamal-backup/a host all all 10.9.0.0/16 trust"],
    ["removed from", "/# replica db-replica$/d"],
  ])("a rule %s our block", async (_what, script) => {
    const before = readHba(PRIMARY);
    sedHba(PRIMARY, script);
    expect(readHba(PRIMARY)).not.toBe(before);
    const [change] = await finds(
      ["hba:db update drift"],
      /rules in kamal-backup's block were changed by hand/,
    );
    expect(change).toMatchObject({ impact: "reload" });
    await heals();
    expect(readHba(PRIMARY)).toBe(before);
  });

  test.each([
    [
      "added",
      "$a host all all 10.9.0.0/16 scram-sha-256",
      /added: host all all 10\.9\.0\.0\/16 scram-sha-256/,
    ],
    ["removed", "/10.9.0.0/d", /rules outside our block changed \(1 removed\)/],
  ])("a rule %s outside our block is reported, and left", async (_what, script, reason) => {
    sedHba(PRIMARY, script);
    const byHand = readHba(PRIMARY);
    await finds(["hba:db update drift"], reason);
    await heals();
    const isOurs = (line: string) => line.startsWith("# BEGIN kamal-backup");
    const others = (text: string) => text.split("\n").filter((line) => !isOurs(line));
    expect(others(readHba(PRIMARY))).toEqual(others(byHand));
  });

  test("a rule that is taken out again without a reload is still in force, until the file is loaded", async () => {
    const before = readHba(PRIMARY);
    sedHba(PRIMARY, "/^# BEGIN kamal-backup/a host all all 10.9.0.0/16 trust");
    sqlOn(1, PRIMARY, "select pg_reload_conf()");
    // The file's times are whole seconds.
    await new Promise((resolve) => setTimeout(resolve, 1100));
    sedHba(PRIMARY, "/10.9.0.0/d");
    await finds(["hba:db update drift"], /changed after the server loaded it/);
    await heals();
    expect(readHba(PRIMARY)).toBe(before);
  });
});

describe("the server", () => {
  const user = canaries["REPLICATION_USER"] as string;

  test("ALTER ROLE NOREPLICATION, ALTER SYSTEM on a setting that we hold, and replay paused: each is named", async () => {
    sqlOn(1, PRIMARY, `alter role ${user} noreplication`);
    sqlOn(1, PRIMARY, "alter system set max_slot_wal_keep_size = '1GB'");
    sqlOn(2, REPLICA, "select pg_wal_replay_pause()");
    const changes = await finds(
      [
        "replica:db-replica update drift",
        "role:db update drift",
        "setting:db/max_slot_wal_keep_size update drift",
      ],
      /replay on db-replica is paused/,
    );
    const [role, setting] = ["role", "setting"].map((kind) => changes.find((change) => change.kind === kind));
    expect(role?.fields).toEqual([{ field: "REPLICATION", before: "NOREPLICATION", after: "REPLICATION" }]);
    expect(setting?.reason).toMatch(/^ALTER SYSTEM set max_slot_wal_keep_size = 1GB/);
    expect(setting?.impact).toBe("reload");
    await heals();
    expect(sqlOn(1, PRIMARY, `select rolreplication from pg_roles where rolname = '${user}'`)).toBe("t");
    const altered = onHost(1, "cat", "/root/teamyap-db/data/postgresql.auto.conf");
    expect(altered).not.toContain("max_slot_wal_keep_size");
    expect(sqlOn(2, REPLICA, "select pg_get_wal_replay_pause_state()")).toBe("not paused");
  });

  test("another password", async () => {
    sqlOn(1, PRIMARY, `alter role ${user} password 'of somebody else'`);
    await finds(["role:db update drift"], /has password changed/);
    await heals();
    onHost(2, "docker", "restart", "--time", "60", REPLICA);
    await expect.poll(streams, { timeout: 30_000 }).toBe("db_replica|streaming");
  });
});

describe("containers", () => {
  test("the replica's paused", async () => {
    onHost(2, "docker", "pause", REPLICA);
    await finds(["container:db-replica update drift"], /teamyap-db-replica is paused/);
    await heals();
    expect(streams()).toBe("db_replica|streaming");
  });

  test("the replica's stopped, and its slot dropped", async () => {
    onHost(2, "docker", "stop", "--time", "60", REPLICA);
    await finds(["container:db-replica update drift"], /teamyap-db-replica is exited/);
    sqlOn(1, PRIMARY, "select pg_drop_replication_slot('db_replica')");
    await finds(
      ["container:db-replica update drift", "slot:db/db_replica create drift"],
      /slot db_replica was dropped from db/,
    );
    await heals();
    expect(sqlOn(1, PRIMARY, "select slot_name, active from pg_replication_slots")).toBe("db_replica|t");
  });

  test.each([
    [
      "another image and another variable",
      { image: "registry.lab:5000/postgres:17-other", env: ["WORK_MEM=1GB"] },
      ["image", "env WORK_MEM"],
    ],
    [
      "another command, and without our label",
      { args: ["-c", "jit=off"], without: ["kamal-backup.applied"] },
      ["cmd"],
    ],
  ])("the replica's, started by hand with %s", async (_what, otherwise, fields) => {
    startAnew(2, REPLICA, otherwise);
    const [change] = await finds(
      ["container:db-replica replace drift"],
      /runs with other .* says: changed by hand/,
    );
    expect(change?.fields.map(({ field }) => field)).toEqual(fields);
    expect(change?.impact).toBe("recreate");
    await heals("recreate");
    expect(streams()).toBe("db_replica|streaming");
  });

  test("the primary's, started by hand with another command", async () => {
    startAnew(1, PRIMARY, { args: ["-c", "max_wal_senders=12"] });
    await expect.poll(() => sqlOn(1, PRIMARY, "show max_wal_senders"), { timeout: 30_000 }).toBe("12");
    await finds(
      [
        "container:db replace drift",
        "replica:db-replica update drift",
        "setting:db/max_wal_senders update drift",
      ],
      /teamyap-db runs with other cmd than deploy.yml says/,
    );
    await needs("recreate");
    await heals("recreate");
    expect(streams()).toBe("db_replica|streaming");
    expect(sqlOn(1, PRIMARY, "show max_wal_senders")).toBe("10");
  });
});

describe("what is written", () => {
  test("deploy.yml edited and never rebooted, which Kamal does not notice", async () => {
    const text = readFileSync(deploy, "utf8");
    writeFileSync(
      deploy,
      text.replace("      stop-timeout: 120\n", "      stop-timeout: 120\n      shm-size: 128m\n"),
    );
    await finds(
      ["manifest:config/deploy.yml update drift"],
      /db-replica was edited in config\/deploy\.yml since/,
    );
    const { code, changes } = await plan();
    expect(code).toBe(2);
    expect(changes.map(headOf)).toEqual([
      "manifest:config/deploy.yml update drift",
      "container:db-replica replace policy",
    ]);
    await heals("recreate");
    expect(readFileSync(deploy, "utf8")).toContain("      shm-size: 128m\n");
    expect(onHost(2, "docker", "inspect", "-f", "{{.HostConfig.ShmSize}}", REPLICA).trim()).toBe("134217728");
  });

  test("the policy changed: pending work, and no drift", async () => {
    writePolicy(directory, [
      SETTINGS.replace("}", ", wal_keep_size: 32MB }"),
      "pg_hba:",
      "  - { type: host, database: all, user: all, address: 10.8.0.0/16, method: scram-sha-256 }",
    ]);
    expect(await drift()).toEqual({ code: 0, culprits: [], drifted: [] });
    const { code, changes } = await plan();
    expect(code).toBe(2);
    expect(changes.map(headOf).sort()).toEqual([
      "container:db replace policy",
      "container:db-replica replace policy",
      "hba:db update policy",
      "manifest:config/deploy.yml update policy",
      "setting:db/wal_keep_size update policy",
    ]);
    await heals("recreate");
    expect(sqlOn(1, PRIMARY, "show wal_keep_size")).toBe("32MB");
    expect(readHba(PRIMARY)).toContain("\nhost all all 10.8.0.0/16 scram-sha-256\n");
  });
});

describe("the replica", () => {
  const kept = () =>
    onHost(2, "sh", "-c", "ls ~/teamyap-db-replica/data")
      .split("\n")
      .filter((name) => name !== "");

  test("which stayed away until its slot was lost is cloned again, and its old data is kept", async () => {
    onHost(2, "docker", "stop", "--time", "60", REPLICA);
    for (let segment = 0; segment < 6; segment += 1) {
      sqlOn(1, PRIMARY, "insert into events (user_id, kind, payload) values (1, 'yap', '{}')");
      sqlOn(1, PRIMARY, "select pg_switch_wal()");
    }
    sqlOn(1, PRIMARY, "checkpoint");
    expect(sqlOn(1, PRIMARY, "select wal_status from pg_replication_slots")).toBe("lost");
    await finds(
      [
        "container:db-replica update drift",
        "replica:db-replica replace drift",
        "slot:db/db_replica none null",
      ],
      /db-replica stayed away for longer than its slot keeps WAL/,
    );
    await needs("data");
    await heals("data");
    expect(streams()).toBe("db_replica|streaming");
    expect(kept()).toEqual(["pgdata", expect.stringMatching(/^pgdata\.kept-\d{8}T\d{6}Z$/)]);
  });

  test("which was promoted by hand is left to its owner, who says how to go on", async () => {
    sqlOn(2, REPLICA, "select pg_promote()");
    const [change] = await finds(["replica:db-replica blocked drift"], /db-replica was promoted by hand/);
    expect(change).toMatchObject({ steps: [], impact: "none" });
    expect((await plan()).code).toBe(2);
    const before = containers();
    const run = await apply("data");
    expect(run.code).toBe(1);
    expect(run.stdout).toContain("db-replica was promoted by hand");
    expect(containers()).toEqual(before);
    expect(sqlOn(2, REPLICA, "select pg_is_in_recovery()")).toBe("f");
    expect(change?.reason).toContain("move its data directory away and restart its container");
    onHost(2, "docker", "stop", "--time", "60", REPLICA);
    const refused = await apply("data");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("has no standby.signal: this replica was promoted");
    expect(onHost(2, "docker", "inspect", "-f", "{{.State.Status}}", REPLICA).trim()).toBe("exited");
    onHost(2, "sh", "-c", "mv ~/teamyap-db-replica/data/pgdata ~/teamyap-db-replica/data/promoted");
    onHost(2, "docker", "restart", "--time", "0", REPLICA);
    await heals();
    expect(streams()).toBe("db_replica|streaming");
    expect(kept()).toContain("promoted");
  });
});

test("a host that cannot be reached: the rest is still shown and healed, and nothing is planned for it", async () => {
  const host = labValue("LAB_CONTAINER_HOST2");
  const network = host.replace(/-host\d$/, "");
  engine("network", "disconnect", network, host);
  try {
    sqlOn(1, PRIMARY, `alter role ${canaries["REPLICATION_USER"]} noreplication`);
    const found = await drift();
    expect(found).toMatchObject({
      code: 3,
      culprits: [
        "container:db-replica blocked null",
        "replica:db-replica blocked null",
        "role:db update drift",
      ],
    });
    const away = found.drifted.filter(({ action }) => action === "blocked");
    for (const change of away) {
      expect(change).toMatchObject({ unknown: true, steps: [], impact: "none" });
      expect(change.reason).toContain(labValue("LAB_HOST2"));
    }
    expect((await plan()).code).toBe(3);
    expect((await apply()).code).toBe(3);
    expect((await drift()).culprits).toEqual(away.map(headOf).sort());
  } finally {
    engine("network", "connect", "--ip", labValue("LAB_HOST2"), network, host);
  }
  // Postgres shows the lag of the time apart for some seconds more.
  await expect.poll(drift, { timeout: 120_000 }).toEqual({ code: 0, culprits: [], drifted: [] });
  expect(streams()).toBe("db_replica|streaming");
});

test("no secret was in any output", () => {
  expect(transcript.length).toBeGreaterThan(80);
  expect(canariesIn(transcript.join("\n"), canaries)).toEqual([]);
});
