import { describe, expect, test } from "vitest";
import { Failure } from "../../../src/errors.ts";
import { Secret } from "../../../src/model/secret.ts";
import type { DatabaseNode, Topology } from "../../../src/model/topology.ts";
import { buildTopology } from "../../../src/topology/build.ts";
import { refuseUnportable } from "../../../src/topology/portable.ts";
import { DEFAULTS } from "../../cases/support/case.ts";
import { kamalConfig } from "../../cases/support/kamal-config.ts";
import { edited } from "../../cases/support/merge.ts";
import type { TextEdit } from "../../cases/support/merge.ts";
import { policyOf } from "../../cases/support/policy-text.ts";

function topologyOf(change: {
  readonly deploy?: readonly TextEdit[];
  readonly policy?: readonly TextEdit[];
}): Topology {
  const policy = edited(DEFAULTS.policy, change.policy ?? []);
  const deploy = edited(DEFAULTS.deploy, change.deploy ?? []);
  return buildTopology(policyOf(policy), kamalConfig({ deploy, destination: null }), () => null);
}

function database(change: Parameters<typeof topologyOf>[0]): DatabaseNode {
  return topologyOf(change).databases[0] as DatabaseNode;
}

function failureOf(run: () => unknown): string | undefined {
  const error = thrownBy(run);
  if (error === undefined) return undefined;
  return error instanceof Failure ? error.code : String(error);
}

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

const NO_REPLICA: TextEdit = {
  replace: "    replicas:\n      db-replica: { host: 123.123.123.125, address: 10.0.1.3, max_lag: 30s }\n",
  with: "",
};

function withRegistry(registry: string): TextEdit {
  return { replace: "    image: postgres:17", with: `    image: postgres:17\n    ${registry}` };
}

describe("a replica", () => {
  const [replica] = database({}).replicas;

  test("runs the primary's image with the primary's command line", () => {
    const { wanted } = database({});
    expect(replica?.wanted).toMatchObject({
      container: "teamyap-db-replica",
      image: "postgres:17",
      cmd: wanted.cmd,
      port: "10.0.1.3:5432:5432",
      restart: "unless-stopped",
      options: { entrypoint: "/kamal-backup/replica-entry.sh", "stop-timeout": "120" },
    });
  });

  test("has the primary's address, its slot and who it is, and no password in clear", () => {
    expect(replica?.wanted.env).toEqual({
      clear: {
        KAMAL_BACKUP_PRIMARY_HOST: "10.0.1.2",
        KAMAL_BACKUP_PRIMARY_PORT: "5432",
        KAMAL_BACKUP_SLOT: "db_replica",
        PGDATA: "/var/lib/postgresql/data/pgdata",
      },
      secret: {
        POSTGRES_DB: "POSTGRES_DB",
        POSTGRES_USER: "POSTGRES_USER",
        REPLICATION_USER: "REPLICATION_USER",
        REPLICATION_PASSWORD: "REPLICATION_PASSWORD",
      },
    });
  });

  test("keeps its data where Postgres 18 has its volume", () => {
    const [of18] = database({
      deploy: [{ replace: "image: postgres:17", with: "image: postgres:18" }],
    }).replicas;
    expect(of18?.pgdata).toBe("/var/lib/postgresql/18/docker");
    expect(of18?.wanted.volumes).toContain("$PWD/teamyap-db-replica/data:/var/lib/postgresql");
  });

  test("reaches a primary that is published on every address by the host's name", () => {
    const [other] = database({ deploy: [{ replace: "10.0.1.2:5432:5432", with: '"5433:5432"' }] }).replicas;
    expect(other?.wanted.env.clear).toMatchObject({
      KAMAL_BACKUP_PRIMARY_HOST: "123.123.123.124",
      KAMAL_BACKUP_PRIMARY_PORT: "5433",
    });
  });

  test("pulls from the registry of the primary", () => {
    const edits = [withRegistry("registry: { server: registry.internal }")];
    const [other] = database({ deploy: edits }).replicas;
    expect(other?.wanted.image).toBe("registry.internal/postgres:17");
    expect(other?.edits).toContainEqual({ path: ["image"], value: "postgres:17" });
  });

  test("logs in to that registry with secrets by their names, and a user name as it is", () => {
    const secrets =
      "registry: { server: registry.internal, username: [REGISTRY_USER], password: [REGISTRY] }";
    const { edits = [] } = database({ deploy: [withRegistry(secrets)] }).replicas[0] ?? {};
    expect(edits).toContainEqual({ path: ["registry", "username"], contains: ["REGISTRY_USER"] });
    expect(edits).toContainEqual({ path: ["registry", "password"], contains: ["REGISTRY"] });
    const named = withRegistry(
      "registry: { server: registry.internal, username: AWS, password: [REGISTRY] }",
    );
    expect(database({ deploy: [named] }).replicas[0]?.edits).toContainEqual({
      path: ["registry", "username"],
      value: "AWS",
    });
  });

  test("logs in to no registry whose keys are empty", () => {
    const local = withRegistry("registry: { server: localhost:5555, username: , password: }");
    const [other] = database({ deploy: [local] }).replicas;
    expect(other?.edits.filter(({ path }) => path[0] === "registry")).toEqual([
      { path: ["registry", "server"], value: "localhost:5555" },
    ]);
  });

  test.each(["canary-token", '<%= "canary-token" %>', "12345678901"])(
    "is not written where it would get the password of the registry in clear: %s",
    (password) => {
      const edit = withRegistry(`registry: { server: ecr.internal, username: AWS, password: ${password} }`);
      const failure = thrownBy(() => topologyOf({ deploy: [edit] })) as Failure;
      expect(failure).toMatchObject({
        code: "topology.clear-registry-password",
        where: "accessories.db.registry.password",
      });
      const said = JSON.stringify([failure.message, failure.todo, failure.detail, failure, failure.stack]);
      expect(said).not.toMatch(/canary|12345678901/);
      // Without a replica nothing is copied.
      expect(thrownBy(() => topologyOf({ deploy: [edit], policy: [NO_REPLICA] }))).toBeUndefined();
    },
  );

  test("gets credentials that the policy has as plain text under their own names", () => {
    const edits = [{ replace: "user: { secret: REPLICATION_USER }", with: "user: replicator" }];
    const [other] = database({ policy: edits }).replicas;
    expect(other?.wanted.env.clear).toMatchObject({ REPLICATION_USER: "replicator" });
    expect(other?.wanted.env.secret).not.toHaveProperty("REPLICATION_USER");
  });

  test("gets a secret of another name in Kamal's NAME:SECRET form", () => {
    const edits = [
      { replace: "password: { secret: REPLICATION_PASSWORD }", with: "password: { secret: PG_REPL }" },
    ];
    const [other] = database({ policy: edits }).replicas;
    expect(other?.wanted.env.secret).toMatchObject({ REPLICATION_PASSWORD: "PG_REPL" });
  });
});

describe("settings of a primary", () => {
  test("are the policy's, then the flags that are there, then what replication needs", () => {
    const { settings } = database({
      deploy: [
        {
          replace: "-c shared_buffers=256MB",
          with: "-c shared_buffers=256MB -c max_replication_slots=3 -c wal_level=logical",
        },
      ],
    });
    expect(settings).toEqual({
      max_replication_slots: "3",
      max_slot_wal_keep_size: "10GB",
      max_wal_senders: "5",
      wal_keep_size: "64MB",
      wal_level: "logical",
    });
  });

  test("are in lower case, as Postgres reads the flags that are there", () => {
    const edits = {
      deploy: [{ replace: "shared_buffers=256MB", with: "TimeZone=UTC" }],
      policy: [{ replace: "wal_keep_size: 64MB", with: "TimeZone: UTC" }],
    };
    const { settings, wanted } = database(edits);
    expect(settings).toMatchObject({ timezone: "UTC" });
    expect(wanted.cmd?.match(/timezone/gi)).toEqual(["TimeZone"]);
  });

  test("are only the policy's where there is no replica", () => {
    expect(database({ policy: [NO_REPLICA] }).settings).toEqual({
      max_wal_senders: "5",
      wal_keep_size: "64MB",
    });
  });
});

test("pg_hba admits the replicas first, each from its own address alone, IPv6 too", () => {
  const edits = [{ replace: "address: 10.0.1.3", with: "address: fd00::3" }];
  expect(database({ policy: edits }).hba.map(({ database: name, address }) => [name, address])).toEqual([
    ["replication", "fd00::3/128"],
    ["all", "10.0.1.0/24"],
  ]);
});

test.each([
  ["topology.no-accessory", { policy: [{ replace: "  db:\n    settings", with: "  bd:\n    settings" }] }],
  [
    "topology.several-hosts",
    {
      deploy: [
        { replace: "    host: 123.123.123.124", with: "    hosts: [123.123.123.124, 123.123.123.126]" },
      ],
    },
  ],
  [
    "topology.no-primary-address",
    { deploy: [{ replace: "10.0.1.2:5432:5432", with: "127.0.0.1:5432:5432" }] },
  ],
  ["topology.no-primary-address", { deploy: [{ replace: "    port: 10.0.1.2:5432:5432\n", with: "" }] }],
  [
    "topology.no-primary-address",
    { deploy: [{ replace: "10.0.1.2:5432:5432", with: "10.0.1.2:5432:6432" }] },
  ],
  [
    "manifest.command",
    { deploy: [{ replace: "-c shared_buffers=256MB", with: "-c shared_buffers=$(nproc)MB" }] },
  ],
])("%s", (code, change) => {
  expect(failureOf(() => topologyOf(change))).toBe(code);
});

test.each([
  ["letters-and_digits.1~+/=@%^", undefined],
  ['with "quotes" and spaces', undefined],
  ["back\\slash", "topology.unportable-secret"],
  ["two\nlines", "topology.unportable-secret"],
  ["", "topology.unportable-secret"],
])("a replication password %j on its way through Kamal's env file: %s", (password, code) => {
  const secrets = new Map(
    Object.entries({ ...DEFAULTS.secrets, REPLICATION_PASSWORD: password }).map(([name, value]) => [
      name,
      new Secret(name, value),
    ]),
  );
  const reveal = (value: unknown) =>
    typeof value === "string" ? value : (secrets.get((value as { secret: string }).secret)?.reveal() ?? "");
  expect(failureOf(() => refuseUnportable(topologyOf({}), reveal))).toBe(code);
});
