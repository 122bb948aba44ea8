import type {
  AgentTarget,
  FilesTarget,
  RetentionRules,
  ServerTarget,
} from "../../../../src/model/agent-policy.ts";
import type { Run, Snapshot } from "../../../../src/agent/repository/snapshot.ts";

export const NO_RULES: RetentionRules = {
  last: 0,
  hourly: 0,
  daily: 0,
  weekly: 0,
  monthly: 0,
  yearly: 0,
  within_seconds: null,
};

const backup = {
  schedule: "@daily",
  jitter_seconds: 0,
  repository: "main",
  retention: null,
  check: null,
  prune: null,
};

export const DB: ServerTarget = {
  type: "server",
  name: "db",
  engine: "postgres",
  connection: { host: "db", port: 5432, user: "postgres", password: "x", database: "shop" },
  backup,
  objectives: { rpo_seconds: null, rto_seconds: null },
  drill: null,
};

export const FILES: FilesTarget = { type: "files", name: "uploads", paths: { uploads: "/uploads" }, backup };

export const SQLITE: AgentTarget = {
  type: "sqlite",
  name: "main.sqlite3",
  path: "/data/main.sqlite3",
  backup,
  objectives: { rpo_seconds: null, rto_seconds: null },
  drill: null,
};

let count = 0;

export function snapshotOf(change: Partial<Snapshot>): Snapshot {
  count += 1;
  const id = count.toString(16).padStart(8, "0").padEnd(64, "f");
  return {
    id,
    shortId: id.slice(0, 8),
    time: new Date("2026-11-21T02:15:10Z"),
    host: "10.0.0.1",
    paths: ["/shop.pgdump"],
    type: "database",
    target: "db",
    adapter: "postgres",
    database: "shop",
    run: "2026-11-21T02:15:00Z",
    labels: [],
    sizeBytes: 1,
    ...change,
  };
}

/** As the gem 1.1.0 made them. */
export const gemSnapshot = (change: Partial<Snapshot>): Snapshot =>
  snapshotOf({ target: null, run: null, ...change });

export function runAt(time: string | number | Date, change: Partial<Run> = {}): Run {
  const at = new Date(time);
  const host = change.host ?? "10.0.0.1";
  const snapshots = [snapshotOf({ time: at, run: at.toISOString(), host })];
  return {
    id: at.toISOString(),
    time: at,
    host,
    snapshots,
    complete: true,
    madeBy: "kamal-backup",
    ...change,
  };
}
