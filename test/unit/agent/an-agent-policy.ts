import type { AgentPolicy, BackupPlan, FilesTarget, ServerTarget } from "../../../src/model/agent-policy.ts";

const BACKUP: BackupPlan = {
  schedule: "15 2 * * *",
  jitter_seconds: 0,
  repository: "offsite",
  retention: null,
  check: null,
  prune: null,
};

export function aDatabase(
  name: string,
  backup: Partial<BackupPlan> = {},
  drill: string | null = null,
): ServerTarget {
  return {
    type: "server",
    name,
    engine: "postgres",
    connection: {
      host: "db",
      port: 5432,
      user: "postgres",
      password: { secret: "POSTGRES_PASSWORD" },
      database: "teamyap",
    },
    objectives: { rpo_seconds: 86_400, rto_seconds: 1800 },
    drill: drill === null ? null : { schedule: drill, assertions: [] },
    backup: { ...BACKUP, ...backup },
  };
}

export function someFiles(name: string, backup: Partial<BackupPlan> = {}): FilesTarget {
  return { type: "files", name, paths: { uploads: "/data" }, backup: { ...BACKUP, ...backup } };
}

export function aPolicy(targets: AgentPolicy["targets"], own: Partial<AgentPolicy> = {}): AgentPolicy {
  return {
    format_version: "1",
    app: "teamyap",
    host: "10.0.1.2",
    timezone: "Europe/Madrid",
    repositories: [
      {
        name: "offsite",
        location: "/repo",
        password: { secret: "RESTIC_PASSWORD" },
        env: {},
        options: [],
        ca: null,
      },
    ],
    targets,
    notify: [],
    ...own,
  };
}
