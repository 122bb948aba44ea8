import { execFileSync, spawnSync, type SpawnSyncReturns } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AgentContext, Progress } from "../../../../src/agent/context.ts";
import type { AgentPolicy, AgentRepository, AgentTarget } from "../../../../src/model/agent-policy.ts";
import { isSecretRef } from "../../../../src/model/secret.ts";
import type { ServerTarget } from "../../../../src/model/agent-policy.ts";
import type { Failure } from "../../../../src/errors.ts";
import { type Cluster, PASSWORD, startCluster } from "../engines/postgres-cluster.ts";
import { targetAt } from "../engines/postgres-context.ts";

// bin/setup puts a restic there; in the agent's image it is on PATH already.
process.env["PATH"] = `${join(import.meta.dirname, "../../../../.lab/bin")}:${process.env["PATH"]}`;

const MAIN = join(import.meta.dirname, "../../../../src/cli/agent-main.ts");
const RESTIC_PASSWORD = "canary-repository-4711";

/** What a job may say to anybody; the canaries must be in none of it. */
export const CANARIES = [RESTIC_PASSWORD, PASSWORD];

/** An agent with a repository on a local path, in a directory of its own. */
export interface Agent {
  readonly directory: string;
  readonly repository: AgentRepository;
  readonly logged: string[];
  readonly phases: string[];
  /** The time that jobs see: the real one, as restic's, until it is set, and it goes on from there. */
  now: Date;
  context(targets: readonly AgentTarget[], signal?: AbortSignal): AgentContext;
  /** Runs a command of the agent as its container does, on a policy and with this one's state. */
  command(policy: AgentPolicy, ...argv: string[]): SpawnSyncReturns<string>;
  /** restic itself, beside the agent: parsed JSON. */
  restic(...argv: string[]): unknown;
  /** Stores bytes under a file name, as the gem does: without a run or a target. */
  feed(content: Buffer, filename: string, tags: readonly string[]): void;
  remove(): void;
}

export function makeAgent(app = "teamyap"): Agent {
  const directory = mkdtempSync("/tmp/kb-jobs-");
  // The throwaway's account has to get through.
  chmodSync(directory, 0o755);
  mkdirSync(join(directory, "scratch"), { mode: 0o711 });
  mkdirSync(join(directory, "state"));
  return agentIn(directory, app);
}

/** The same agent in another process. */
export function agentIn(directory: string, app = "teamyap"): Agent {
  const repository: AgentRepository = {
    name: "offsite",
    location: join(directory, "repository"),
    password: { secret: "RESTIC_PASSWORD" },
    env: {},
    options: [],
    ca: null,
  };
  const logged: string[] = [];
  const phases: string[] = [];
  let ahead = 0;
  const agent: Agent = {
    directory,
    repository,
    logged,
    phases,
    get now() {
      return new Date(Date.now() + ahead);
    },
    set now(time) {
      ahead = time.getTime() - Date.now();
    },
    context: (targets, signal = new AbortController().signal) => ({
      policy: policyOf(app, repository, targets),
      reveal: (value) =>
        isSecretRef(value) ? (value.secret === "RESTIC_PASSWORD" ? RESTIC_PASSWORD : PASSWORD) : value,
      redact: (text) =>
        CANARIES.reduce((redacted, canary) => redacted.replaceAll(canary, "[REDACTED]"), text),
      stateDirectory: join(directory, "state"),
      scratchDirectory: join(directory, "scratch"),
      clock: { now: () => agent.now, sleep: () => Promise.resolve() },
      randomHex: (bytes) => randomBytes(bytes).toString("hex"),
      log: (line) => logged.push(line),
      progress: ({ phase }: Progress) => {
        if (phases.at(-1) !== phase) phases.push(phase);
      },
      signal,
    }),
    command: (policy, ...argv) => {
      const file = join(directory, "policy.json");
      writeFileSync(file, JSON.stringify(policy));
      const env = {
        ...process.env,
        NO_COLOR: "1",
        RESTIC_PASSWORD,
        KAMAL_BACKUP_POLICY: file,
        KAMAL_BACKUP_STATE: join(directory, "state"),
        KAMAL_BACKUP_SCRATCH: join(directory, "scratch"),
      };
      return spawnSync(process.execPath, [MAIN, ...argv], { env, encoding: "utf8" });
    },
    restic: (...argv) => {
      const env = { ...process.env, RESTIC_PASSWORD, RESTIC_REPOSITORY: repository.location };
      return JSON.parse(execFileSync("restic", [...argv, "--json"], { env, encoding: "utf8" }) || "null");
    },
    feed: (content, filename, tags) => {
      const env = { ...process.env, RESTIC_PASSWORD, RESTIC_REPOSITORY: repository.location };
      const argv = [
        "backup",
        "--stdin",
        "--stdin-filename",
        filename,
        ...tags.flatMap((tag) => ["--tag", tag]),
      ];
      execFileSync("restic", argv, { env, input: content });
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
  return agent;
}

function policyOf(app: string, repository: AgentRepository, targets: readonly AgentTarget[]): AgentPolicy {
  return {
    format_version: "1",
    app,
    host: "10.0.0.1",
    timezone: "UTC",
    repositories: [repository],
    targets,
    notify: [],
  };
}

export const APP = "teamyap_production";

/** A production server with an application's database and another one, and a role that owns things. */
export async function startProduction(settings: Readonly<Record<string, string>> = {}): Promise<Cluster> {
  const cluster = await startCluster(settings);
  cluster.psql(
    "postgres",
    `CREATE ROLE app LOGIN PASSWORD 'canary-app-4711'; CREATE DATABASE ${APP} OWNER app; CREATE DATABASE "other; db"`,
  );
  cluster.psql(
    APP,
    `SET ROLE app; CREATE TABLE users (id int PRIMARY KEY, name text);
     INSERT INTO users SELECT i, 'user ' || i FROM generate_series(1, 1000) i;
     CREATE TABLE posts (id int, body text); INSERT INTO posts SELECT i, repeat('x', 100) FROM generate_series(1, 500) i;
     CREATE VIEW names AS SELECT name FROM users;`,
  );
  cluster.psql("other; db", "CREATE TABLE t (id int); INSERT INTO t VALUES (1), (2)");
  return cluster;
}

export function targetOf({ port }: Cluster, change: Partial<ServerTarget> = {}): ServerTarget {
  const target = targetAt(port);
  return { ...target, backup: { ...target.backup, repository: "offsite" }, ...change };
}

export function databasesOf(cluster: Cluster): string[] {
  return cluster
    .psql("postgres", `SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY 1`)
    .split("\n");
}

/** The failure that a work ends with. */
export async function failureOf(
  work: Promise<unknown>,
): Promise<Failure & { details?: Record<string, unknown> }> {
  return await work.then(
    () => {
      throw new Error("it did not fail");
    },
    (error) => error,
  );
}
