import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Failure } from "../../../src/errors.ts";
import { Secret } from "../../../src/model/secret.ts";
import type { AgentNode, Topology } from "../../../src/model/topology.ts";
import { loadAgentPolicy } from "../../../src/policy/agent-policy.ts";
import { buildTopology } from "../../../src/topology/build.ts";
import { refuseUnportable } from "../../../src/topology/portable.ts";
import { DEFAULTS, support } from "../../cases/support/case.ts";
import { kamalConfig } from "../../cases/support/kamal-config.ts";
import { edited } from "../../cases/support/merge.ts";
import type { TextEdit } from "../../cases/support/merge.ts";
import { policyOf } from "../../cases/support/policy-text.ts";

interface Change {
  readonly deploy?: readonly TextEdit[];
  readonly policy?: readonly TextEdit[] | string;
  readonly destination?: string;
  readonly files?: Readonly<Record<string, string>>;
}

function topologyOf({ deploy = [], policy = [], destination, files = {} }: Change): Topology {
  const text = typeof policy === "string" ? policy : edited(support("backed-up.yml"), policy);
  const written = {
    deploy: edited(DEFAULTS.deploy, deploy),
    destination: destination === undefined ? null : { name: destination, deploy: "{}\n" },
  };
  return buildTopology(policyOf(text), kamalConfig(written), (path) => files[path] ?? null);
}

function agentOf(change: Change, host = "123.123.123.124"): AgentNode {
  return topologyOf(change).agents.find((agent) => agent.host === host) as AgentNode;
}

function failureOf(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    return error instanceof Failure ? error.code : String(error);
  }
  return undefined;
}

const REPOSITORY = `repositories:
  offsite:
    restic: s3:https://s3.example.com/teamyap-backups
`;

describe("an agent", () => {
  test("is an accessory whose name does not depend on the other hosts", () => {
    expect(topologyOf({}).agents.map(({ name }) => name)).toEqual([
      "backup-123-123-123-123",
      "backup-123-123-123-124",
    ]);
  });

  test("has its policy's hash as a label, and the policy as a file", () => {
    const { files, agents } = topologyOf({});
    const [, agent] = agents;
    const file = files.find(({ path }) => path === "config/kamal-backup/agent-123.123.123.124.json");
    const hash = createHash("sha256")
      .update(file?.text ?? "")
      .digest("hex");
    expect(agent).toMatchObject({ policyHash: hash, databases: ["db"] });
    expect(agent?.wanted.labels).toMatchObject({ "kamal-backup.policy": hash });
    expect(JSON.parse(file?.text ?? "")).toEqual(agent?.policy);
  });

  test("understands what it is told", () => {
    const directory = mkdtempSync(join(tmpdir(), "kamal-backup-agent-"));
    const text = readFileSync(new URL("../../../policies/complete.yml", import.meta.url), "utf8");
    const policy = text.replaceAll(/^ {2}legacy:[\s\S]*?^ {2}queue:/gm, "  queue:");
    const { files, agents } = topologyOf({ policy, files: { "config/backup-ca.pem": "ca" } });
    for (const { host, policy: told, policyHash } of agents) {
      const file = files.find(({ path }) => path.includes(`agent-${host}`));
      writeFileSync(join(directory, "policy.json"), file?.text ?? "");
      expect(loadAgentPolicy(join(directory, "policy.json"))).toEqual({ policy: told, hash: policyHash });
    }
    expect(agents.length).toBeGreaterThan(0);
  });

  test("gets every secret of its policy under the secret's own name, and no others", () => {
    expect(Object.entries(agentOf({}).wanted.env.secret)).toEqual(
      [
        "HEALTHCHECKS_URL",
        "POSTGRES_DB",
        "POSTGRES_PASSWORD",
        "POSTGRES_USER",
        "RESTIC_PASSWORD",
        "S3_KEY_ID",
        "S3_SECRET_KEY",
      ].map((name) => [name, name]),
    );
    expect(Object.keys(agentOf({}, "123.123.123.123").wanted.env.secret)).not.toContain("POSTGRES_PASSWORD");
  });

  test("runs read-only with room of its own, and has ten minutes to end a job", () => {
    expect(agentOf({}).wanted).toMatchObject({
      options: { "read-only": true, tmpfs: ["/tmp", "/run"], "stop-timeout": "600" },
      volumes: [
        "$PWD/teamyap-backup-123-123-123-124/etc/kamal-backup/policy.json:/etc/kamal-backup/policy.json",
        "$PWD/teamyap-backup-123-123-123-124/state:/var/lib/kamal-backup",
        "$PWD/teamyap-backup-123-123-123-124/scratch:/var/tmp/kamal-backup",
      ],
    });
  });

  test("of a destination has names and an app of its own", () => {
    const agent = agentOf({ destination: "staging" });
    expect(agent.wanted.container).toBe("teamyap-staging-backup-123-123-123-124");
    expect(agent.wanted.files).toEqual([
      "config/kamal-backup/agent-123.123.123.124.staging.json:/etc/kamal-backup/policy.json",
    ]);
    expect(agent.policy.app).toBe("teamyap-staging");
  });

  test("tags with the app that the policy names", () => {
    expect(
      agentOf({ policy: [{ replace: "version: 1\n", with: "version: 1\napp: old\n" }] }).policy.app,
    ).toBe("old");
  });

  test("mounts files read-only, a SQLite database's directory and a local repository writable", () => {
    const edits = [
      { replace: "restic: s3:https://s3.example.com/teamyap-backups", with: "restic: /srv/backups" },
      {
        replace: "repositories:\n",
        with: `  queue:
    engine: sqlite
    host: 123.123.123.123
    path: /var/lib/teamyap/queue.sqlite3
    backup: { schedule: every 6h, repository: offsite }
repositories:
`,
      },
    ];
    const { wanted, policy } = agentOf({ policy: edits }, "123.123.123.123");
    expect(wanted.volumes.slice(0, 3)).toEqual([
      "/srv/backups:/repository/offsite",
      "/var/lib/teamyap:/backup/queue",
      "/var/lib/teamyap/storage:/backup/storage/uploads:ro",
    ]);
    expect(policy.repositories[0]?.location).toBe("/repository/offsite");
    expect(policy.targets).toMatchObject([
      { type: "sqlite", name: "queue", path: "/backup/queue/queue.sqlite3" },
      { type: "files", name: "storage", paths: { uploads: "/backup/storage/uploads" } },
    ]);
  });

  test("has the repository's files, and a label that follows their texts", () => {
    const edits = [
      {
        replace: REPOSITORY,
        with: `repositories:
  offsite:
    restic: sftp:backup@10.0.1.9:/srv
    ca: config/ca.pem
    ssh: { key: { secret: NAS_KEY }, known_hosts: config/known }
`,
      },
    ];
    const agentWith = (known: string) =>
      agentOf({ policy: edits, files: { "config/ca.pem": "ca", "config/known": known } });
    const agent = agentWith("one");
    expect(agent.wanted.files.slice(1)).toEqual([
      "config/ca.pem:/etc/kamal-backup/ca/offsite.pem",
      "config/known:/etc/kamal-backup/known_hosts/offsite",
    ]);
    expect(agent.policy.repositories[0]).toMatchObject({
      ca: "/etc/kamal-backup/ca/offsite.pem",
      ssh: { key: { secret: "NAS_KEY" }, known_hosts: "/etc/kamal-backup/known_hosts/offsite" },
    });
    expect(agent.wanted.env.secret).toHaveProperty("NAS_KEY");
    const label = "kamal-backup.files";
    expect(agent.wanted.labels[label]).toMatch(/^[0-9a-f]{16}$/);
    expect(agentWith("two").wanted.labels[label]).not.toBe(agent.wanted.labels[label]);
    expect(failureOf(() => agentOf({ policy: edits }))).toBe("topology.no-file");
  });
});

describe("the login to a database", () => {
  const connectionOf = (change: Change) => {
    const [target] = agentOf(change).policy.targets;
    return target?.type === "server" ? target.connection : undefined;
  };

  test("is that of the superuser of the accessory's own variables, at its container", () => {
    expect(connectionOf({})).toEqual({
      host: "teamyap-db",
      port: 5432,
      user: { secret: "POSTGRES_USER" },
      password: { secret: "POSTGRES_PASSWORD" },
      database: { secret: "POSTGRES_DB" },
    });
  });

  test("has the official image's defaults, and follows names and the port of the command line", () => {
    const edits = [
      {
        replace: "        - POSTGRES_DB\n        - POSTGRES_USER\n        - POSTGRES_PASSWORD\n",
        with: "        - POSTGRES_PASSWORD:OWNER_PASSWORD\n",
      },
      { replace: "-c shared_buffers=256MB", with: "-c port=5444" },
    ];
    expect(connectionOf({ deploy: edits })).toEqual({
      host: "teamyap-db",
      port: 5444,
      user: "postgres",
      password: { secret: "OWNER_PASSWORD" },
      database: "postgres",
    });
  });

  test.each([
    ["mysql", "mysql:8.4", "MYSQL_ROOT_PASSWORD", "MYSQL_DATABASE: shop", "shop"],
    ["mariadb", "mariadb:11", "MYSQL_ROOT_PASSWORD", "MARIADB_DATABASE: shop", "shop"],
    ["mariadb", "mariadb:11", "MARIADB_ROOT_PASSWORD", "TZ: UTC", null],
  ])("of %s %s by %s is root's", (engine, image, secret, clear, database) => {
    const deploy = [
      { replace: "image: postgres:17", with: `image: ${image}` },
      { replace: "TZ: Europe/Madrid", with: clear },
      {
        replace: "        - POSTGRES_DB\n        - POSTGRES_USER\n        - POSTGRES_PASSWORD\n",
        with: `        - ${secret}\n`,
      },
    ];
    const policy = `version: 1
databases: { db: { engine: ${engine}, backup: { schedule: "@daily", repository: off } } }
repositories: { off: { restic: /srv/b, password: { secret: P } } }
agent: { image: agent }
`;
    expect(connectionOf({ deploy, policy })).toEqual({
      host: "teamyap-db",
      port: 3306,
      user: "root",
      password: { secret },
      database,
    });
    expect(topologyOf({ deploy, policy }).databases).toEqual([]);
  });

  test("is on the database's network, and on the loopback address of the host's", () => {
    const inNetwork = (network: string) => ({
      deploy: [{ replace: "image: postgres:17", with: `image: postgres:17\n    network: ${network}` }],
    });
    expect(agentOf(inNetwork("private")).wanted.network).toBe("private");
    expect(connectionOf(inNetwork("host"))?.host).toBe("127.0.0.1");
  });
});

const OWN_BLOCK = {
  replace: "  redis:\n",
  with: "  backup-123-123-123-124:\n    image: other\n    host: 123.123.123.124\n\n  redis:\n",
};

test.each<[string, Change]>([
  ["topology.no-password", { deploy: [{ replace: "        - POSTGRES_PASSWORD\n", with: "" }] }],
  [
    "topology.clear-password",
    {
      deploy: [
        { replace: "        - POSTGRES_PASSWORD\n", with: "" },
        { replace: "TZ: Europe/Madrid", with: "POSTGRES_PASSWORD: hunter2" },
      ],
    },
  ],
  ["topology.same-name", { deploy: [OWN_BLOCK] }],
  [
    "topology.networks",
    {
      deploy: [
        {
          replace: "  redis:\n    image: redis:7\n    host: 123.123.123.123",
          with: "  redis:\n    image: postgres:17\n    network: other\n    env: { secret: [POSTGRES_PASSWORD] }\n    host: 123.123.123.124",
        },
      ],
      policy: [
        {
          replace: "repositories:\n",
          with: '  redis: { backup: { schedule: "@daily", repository: offsite } }\nrepositories:\n',
        },
      ],
    },
  ],
])("%s", (code, change) => {
  expect(failureOf(() => topologyOf(change))).toBe(code);
});

test("a server that asks nobody for a password is backed up without one", () => {
  const deploy = [
    { replace: "        - POSTGRES_PASSWORD\n", with: "" },
    { replace: "TZ: Europe/Madrid", with: "POSTGRES_HOST_AUTH_METHOD: trust" },
  ];
  expect(agentOf({ deploy }).policy.targets).toMatchObject([{ connection: { password: "" } }]);
});

test("an item that leaves a list of an agent's block takes the old list with it", () => {
  const added = "paths: { uploads: /var/lib/teamyap/storage, old: /srv/old }";
  const before = agentOf(
    { policy: [{ replace: "paths: { uploads: /var/lib/teamyap/storage }", with: added }] },
    "123.123.123.123",
  );
  expect(before.edits).not.toContainEqual({ path: ["volumes"], remove: true });
  const volumes = before.wanted.volumes.filter((volume) => volume.startsWith("/"));
  const deploy = [
    {
      replace: "  redis:\n",
      with: `  backup-123-123-123-123:
    image: other
    files: [${before.wanted.files.join(", ")}]
    volumes: [${volumes.map((volume) => `"${volume}"`).join(", ")}]

  redis:
`,
    },
  ];
  const after = agentOf({ deploy }, "123.123.123.123");
  expect(after.edits).toContainEqual({ path: ["volumes"], remove: true });
  expect(after.wanted.volumes.filter((volume) => volume.startsWith("/"))).toEqual([
    "/var/lib/teamyap/storage:/backup/storage/uploads:ro",
  ]);
});

test.each([
  ["RESTIC_PASSWORD", "back\\slash", "topology.unportable-secret"],
  ["S3_SECRET_KEY", "", "topology.unportable-secret"],
  ["HEALTHCHECKS_URL", "two\nlines", "topology.unportable-secret"],
  // The database's own container got it in the same form.
  ["POSTGRES_PASSWORD", "back\\slash", undefined],
])("the secret %s with the value %j on its way through Kamal's env file: %s", (name, value, code) => {
  const values: Readonly<Record<string, string>> = { ...DEFAULTS.secrets, [name]: value };
  const secrets = new Map(Object.entries(values).map(([key, text]) => [key, new Secret(key, text)]));
  const reveal = (of: unknown) =>
    typeof of === "string" ? of : (secrets.get((of as { secret: string }).secret)?.reveal() ?? "");
  expect(failureOf(() => refuseUnportable(topologyOf({}), reveal))).toBe(code);
});
