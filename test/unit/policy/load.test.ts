import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Failure } from "../../../src/errors.ts";
import { PolicyInvalid } from "../../../src/policy/invalid.ts";
import { loadPolicy, overlayPath } from "../../../src/policy/load.ts";

function load(texts: Record<string, string>, destination: string | null = null) {
  return loadPolicy({ path: "backup-policy.yml", destination, readFile: (path) => texts[path] ?? null });
}

function example(name: string): string {
  return readFileSync(new URL(`../../../policies/${name}.yml`, import.meta.url), "utf8");
}

test.each(["minimal", "teamyap", "complete"])("policies/%s.yml is valid and free of warnings", (name) => {
  const text = example(name);
  expect(text.split("\n")[0]).toBe("# yaml-language-server: $schema=../schemas/backup-policy.v1.schema.json");
  expect(load({ "backup-policy.yml": text }).warnings).toEqual([]);
});

test("resolves what the seed's policy says, with defaults", () => {
  const { policy } = load({ "backup-policy.yml": example("teamyap") });
  expect(policy).toMatchObject({
    deploy: "config/deploy.yml",
    allow: "reload",
    databases: [
      {
        name: "db",
        settings: {},
        pgHba: [],
        replication: { user: { secret: "REPLICATION_USER" }, password: { secret: "REPLICATION_PASSWORD" } },
        replicas: [
          {
            name: "db-replica",
            host: "123.123.123.125",
            address: "10.0.1.3",
            port: 5432,
            slot: "db_replica",
            maxLagSeconds: null,
          },
        ],
      },
    ],
  });
});

test("resolves what is backed up, with the defaults that an agent is told", () => {
  const { policy } = load({ "backup-policy.yml": example("complete") });
  const [db, legacy] = policy.databases;
  expect(policy).toMatchObject({ app: "teamyap", timezone: "Europe/Madrid" });
  expect(db).toMatchObject({
    engine: "postgres",
    objectives: { rpo_seconds: 93_600, rto_seconds: 1800 },
    backup: { jitter_seconds: 0, prune: { schedule: "@weekly" }, check: { read_data: "5%" } },
  });
  expect(db?.backup?.retention).toEqual({
    last: 3,
    hourly: 0,
    daily: 7,
    weekly: 4,
    monthly: 12,
    yearly: 3,
    within_seconds: 30 * 86_400,
  });
  expect(db?.drill?.assertions[1]).toEqual({
    name: "events are fresh",
    sql: "select max(created_at) > now() - interval '2 days' from events",
    database: null,
    min: null,
    equals: true,
  });
  expect(legacy).toMatchObject({ name: "legacy", engine: "mysql", drill: null });
  expect(legacy?.backup).toMatchObject({ jitter_seconds: 600, retention: null, prune: null });
  expect(policy.sqlite).toMatchObject([{ name: "queue", path: "/var/lib/teamyap/queue/queue.sqlite3" }]);
  expect(policy.notify[0]).toMatchObject({ type: "ping", jobs: ["backup", "check", "drill", "prune"] });
});

test("writes settings as Postgres does", () => {
  const settings =
    "{ wal_level: logical, max_wal_senders: 5, hot_standby: true, fsync: false, random_page_cost: 1.1 }";
  const { policy } = load({
    "backup-policy.yml": `version: 1\ndatabases: { db: { settings: ${settings} } }\n`,
  });
  expect(policy.databases[0]?.settings).toEqual({
    fsync: "off",
    hot_standby: "on",
    max_wal_senders: "5",
    random_page_cost: "1.1",
    wal_level: "logical",
  });
});

test("the hash is of the values: not of their order, nor of how they are written", () => {
  const hashOf = (text: string) => load({ "backup-policy.yml": text }).policy.hash;
  const one = hashOf("version: 1\ndatabases: { a: {}, b: { settings: { x: 1, y: 2 } } }\n");
  expect(hashOf("databases:\n  b:\n    settings:\n      y: 2 # two\n      x: 1\n  a: {}\nversion: 1\n")).toBe(
    one,
  );
  expect(hashOf("version: 1\ndatabases: { a: {}, b: { settings: { x: 1, y: 3 } } }\n")).not.toBe(one);
});

test("a destination's file is merged as Kamal merges: maps deep, lists replaced", () => {
  const rule = (address: string) =>
    `{ type: host, database: all, user: all, address: ${address}, method: scram-sha-256 }`;
  const base = `version: 1\ndatabases:\n  db:\n    settings: { a: 1, b: 2 }\n    pg_hba: [${rule("10.0.1.0/24")}]\n`;
  const staging = `databases:\n  db:\n    settings: { b: 3 }\n    pg_hba: [${rule("10.0.2.0/24")}]\n`;
  const texts = { "backup-policy.yml": base, "backup-policy.staging.yml": staging };
  const [database] = load(texts, "staging").policy.databases;
  expect(database?.settings).toEqual({ a: "1", b: "3" });
  expect(database?.pgHba.map(({ address }) => address)).toEqual(["10.0.2.0/24"]);
  expect(load(texts, "production").policy.databases[0]?.settings).toEqual({ a: "1", b: "2" });
  expect(overlayPath("config/policy.yaml", "staging")).toBe("config/policy.staging.yaml");
});

test("a policy that is not there", () => {
  expect(() => load({})).toThrow(expect.objectContaining({ code: "policy.missing" }));
});

test("everything that is wrong is shown at once, with line, caret and what was expected", () => {
  const text = "version: 1\ndatabases:\n  db:\n    engin: postgres\n    objectives: { rpo: 1 day }\n";
  let thrown: unknown;
  try {
    load({ "backup-policy.yml": text });
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(Failure);
  expect(thrown).toBeInstanceOf(PolicyInvalid);
  expect(thrown).toMatchObject({ message: "2 errors in the policy", where: "backup-policy.yml:4:5" });
  expect((thrown as PolicyInvalid).detail).toBe(
    [
      "backup-policy.yml:4:5: error: databases.db.engin: unknown key `engin`",
      "  4 |     engin: postgres",
      "    |     ^^^^^",
      "    = expected: engine, host, path, objectives, settings, pg_hba, replication, replicas, backup, drill",
      "    = did you mean `engine`?",
      "",
      "backup-policy.yml:5:24: error: databases.db.objectives.rpo: `1 day` is not valid here",
      "  5 |     objectives: { rpo: 1 day }",
      "    |                        ^^^^^",
      "    = expected: a duration such as 30s, 15m, 6h or 7d",
    ].join("\n"),
  );
});

test("a destination does not share the app's name, and so the backups, of the base file", () => {
  const base = "version: 1\napp: shop\n";
  const of = (files: Record<string, string>, destination: string | null) =>
    loadPolicy({ path: "backup-policy.yml", destination, readFile: (path) => files[path] ?? null }).policy
      .app;
  expect(of({ "backup-policy.yml": base }, null)).toBe("shop");
  expect(() => of({ "backup-policy.yml": base }, "staging")).toThrow("1 error in the policy");
  const own = { "backup-policy.yml": base, "backup-policy.staging.yml": "app: shop-staging\n" };
  expect(of(own, "staging")).toBe("shop-staging");
});
