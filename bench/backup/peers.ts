import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AgentPolicy } from "../../src/model/agent-policy.ts";
import type { Cluster } from "./cluster.ts";

/** One way to back up, and what it keeps. */
export interface Peer {
  readonly name: string;
  /** Run once. */
  readonly prepare: string | null;
  /** Line of bash. */
  readonly backup: string;
  readonly env: Readonly<Record<string, string>>;
  /** Where it stores. */
  readonly store: string;
}

export interface Programs {
  readonly node: string;
  /** Entry of the agent's bundle. */
  readonly agent: string;
  readonly restic: string;
  /** Directory of the unpacked gem; null: not measured. */
  readonly gem: string | null;
}

/** What this is measured beside: the gem, a dump to a file, and the pipes that people write by hand. */
export function peersOf(directory: string, cluster: Cluster, programs: Programs): readonly Peer[] {
  const { restic } = programs;
  const at = (name: string) => join(directory, name);
  const base = {
    PATH: `${cluster.bin}:${join(restic, "..")}:${process.env["PATH"]}`,
    PGHOST: cluster.socket,
    PGUSER: "postgres",
    PGDATABASE: "app",
    RESTIC_PASSWORD: "bench",
    RESTIC_CACHE_DIR: at("cache"),
    HOME: directory,
    LANG: "C.UTF-8",
  };
  const pipe = (name: string, dump: string, more: Readonly<Record<string, string>> = {}): Peer => ({
    name,
    prepare: `${restic} init`,
    backup: `pg_dump ${dump} | ${restic} backup --quiet --host bench --stdin --stdin-filename app.pgdump`,
    env: { ...base, ...more, RESTIC_REPOSITORY: at(`store/${name}`) },
    store: at(`store/${name}`),
  });
  const policyFile = at("policy.json");
  writeFileSync(policyFile, JSON.stringify(policyOf(cluster, at("store/kamal-backup"))));
  const agent = `${programs.node} ${programs.agent}`;
  const agentEnv = {
    ...base,
    BENCH_RESTIC: "bench",
    BENCH_DATABASE: "unused",
    KAMAL_BACKUP_POLICY: policyFile,
    KAMAL_BACKUP_STATE: at("state"),
    KAMAL_BACKUP_SCRATCH: at("scratch"),
  };
  return [
    {
      name: "kamal-backup",
      prepare: `${agent} init local`,
      backup: `${agent} backup db --force`,
      env: agentEnv,
      store: at("store/kamal-backup"),
    },
    pipe("pipe-Z0", "-Fc -Z0"),
    pipe("pipe-zstd", "-Fc -Z zstd:3"),
    ...(programs.gem === null
      ? []
      : [
          {
            name: "gem",
            prepare: `${restic} init`,
            backup: `ruby -I ${programs.gem}/lib ${programs.gem}/exe/kamal-backup backup --force`,
            env: {
              ...base,
              APP_NAME: "bench",
              DATABASE_ADAPTER: "postgres",
              RESTIC_REPOSITORY: at("store/gem"),
              KAMAL_BACKUP_STATE_DIR: at("gem-state"),
            },
            store: at("store/gem"),
          },
        ]),
    {
      name: "pg_dump to a file",
      prepare: `mkdir -p ${at("store/file")}`,
      backup: `pg_dump --format=custom --file=${at("store/file")}/$(date +%s%N).dump`,
      env: base,
      store: at("store/file"),
    },
  ];
}

/** As the control plane would render it for a database on this machine and a repository in a directory. */
function policyOf(cluster: Cluster, location: string): AgentPolicy {
  return {
    format_version: "1",
    app: "bench",
    host: "bench",
    timezone: "UTC",
    repositories: [
      { name: "local", location, password: { secret: "BENCH_RESTIC" }, env: {}, options: [], ca: null },
    ],
    targets: [
      {
        type: "server",
        name: "db",
        engine: "postgres",
        connection: {
          host: cluster.socket,
          port: 5432,
          user: "postgres",
          password: { secret: "BENCH_DATABASE" },
          database: "app",
        },
        objectives: { rpo_seconds: null, rto_seconds: null },
        drill: null,
        backup: {
          schedule: "@daily",
          jitter_seconds: 0,
          repository: "local",
          retention: null,
          check: null,
          prune: null,
        },
      },
    ],
    notify: [],
  };
}
