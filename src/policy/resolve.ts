import { digest } from "../model/canonical.ts";
import type {
  DatabasePolicy,
  FilesPolicy,
  HbaRule,
  Policy,
  ReplicaPolicy,
  SqlitePolicy,
} from "../model/policy.ts";
import { byName } from "./by-name.ts";
import { DEFAULT_ALLOW, DEFAULT_DEPLOY, DEFAULT_PORT, DEFAULT_TIMEZONE, slotName } from "./defaults.ts";
import type {
  Database,
  FileSet,
  HbaRule as DocumentRule,
  PolicyDocument,
  Replica,
} from "./document.generated.ts";
import { durationSeconds } from "./duration.ts";
import {
  resolveBackup,
  resolveNotification,
  resolveProtection,
  resolveRepository,
} from "./resolve-backup.ts";

/** A valid document with defaults and in the words of the model. */
export function resolvePolicy(document: PolicyDocument): Policy {
  const databases = byName(document.databases);
  return {
    deploy: document.deploy ?? DEFAULT_DEPLOY,
    app: document.app ?? null,
    timezone: document.timezone ?? DEFAULT_TIMEZONE,
    repositories: byName(document.repositories).map(([name, one]) => resolveRepository(name, one)),
    databases: databases.flatMap(([name, database]) => resolveServer(name, database) ?? []),
    sqlite: databases.flatMap(([name, database]) => resolveSqlite(name, database) ?? []),
    files: byName(document.files).map(([name, files]) => resolveFiles(name, files)),
    agentImage: document.agent?.image ?? null,
    notify: (document.notify ?? []).map(resolveNotification),
    allow: document.apply?.allow ?? DEFAULT_ALLOW,
    hash: digest(document),
  };
}

/** Null for a SQLite database. Without an engine it is Postgres: checkAgainstDeploy refuses any other image there. */
function resolveServer(name: string, database: Database): DatabasePolicy | null {
  const { engine = "postgres" } = database;
  if (engine === "sqlite") return null;
  return {
    name,
    engine,
    ...resolveProtection(database),
    settings: Object.fromEntries(byName(database.settings).map(([key, value]) => [key, settingText(value)])),
    pgHba: (database.pg_hba ?? []).map(resolveRule),
    replication: database.replication ?? null,
    replicas: byName(database.replicas).map(([replica, spec]) => resolveReplica(replica, spec)),
  };
}

function resolveSqlite(name: string, database: Database): SqlitePolicy | null {
  const { engine, host, path } = database;
  if (engine !== "sqlite" || host === undefined || path === undefined) return null;
  return { name, host, path, ...resolveProtection(database) };
}

function resolveFiles(name: string, { host, paths, backup }: FileSet): FilesPolicy {
  return { name, host, paths: Object.fromEntries(byName(paths)), backup: resolveBackup(backup) };
}

/** As Postgres writes booleans (postgresql.org/docs/current/config-setting.html). */
function settingText(value: string | number | boolean): string {
  return typeof value === "boolean" ? (value ? "on" : "off") : String(value);
}

function resolveRule(rule: DocumentRule): HbaRule {
  return {
    type: rule.type,
    database: rule.database,
    user: rule.user,
    address: rule.address ?? null,
    method: rule.method,
    options: Object.fromEntries(byName(rule.options)),
    comment: rule.comment ?? null,
  };
}

function resolveReplica(name: string, replica: Replica): ReplicaPolicy {
  return {
    name,
    host: replica.host,
    address: replica.address,
    port: replica.port ?? DEFAULT_PORT,
    slot: slotName(name),
    maxLagSeconds: replica.max_lag === undefined ? null : durationSeconds(replica.max_lag),
  };
}
