import { digest } from "../model/canonical.ts";
import type { DatabasePolicy, HbaRule, Policy, ReplicaPolicy } from "../model/policy.ts";
import { DEFAULT_ALLOW, DEFAULT_DEPLOY, DEFAULT_PORT, slotName } from "./defaults.ts";
import type { Database, HbaRule as DocumentRule, PolicyDocument, Replica } from "./document.generated.ts";
import { durationSeconds } from "./duration.ts";

/** Keys that are part of the language and that no code acts on yet. */
const FUTURE_KEYS = ["repositories", "files", "agent", "notify"] as const;
const FUTURE_DATABASE_KEYS = ["objectives", "backup", "drill"] as const;

/** A valid document with defaults and in the words of the model. A database of another engine than Postgres is left out. */
export function resolvePolicy(document: PolicyDocument): Policy {
  const databases = byName(document.databases);
  return {
    deploy: document.deploy ?? DEFAULT_DEPLOY,
    databases: databases
      .filter(([, database]) => isActedOn(database))
      .map(([name, database]) => resolveDatabase(name, database)),
    allow: document.apply?.allow ?? DEFAULT_ALLOW,
    notActedOn: [
      ...databases.flatMap(([name, database]) => futureKeys(`databases.${name}`, database)),
      ...FUTURE_KEYS.filter((key) => document[key] !== undefined),
    ].sort(),
    hash: digest(document),
  };
}

/** The engine is Postgres, or is to be read off the image: checkAgainstDeploy refuses any other there. */
function isActedOn(database: Database): boolean {
  return database.engine === undefined || database.engine === "postgres";
}

function futureKeys(path: string, database: Database): readonly string[] {
  if (!isActedOn(database)) return [path];
  return FUTURE_DATABASE_KEYS.filter((key) => database[key] !== undefined).map((key) => `${path}.${key}`);
}

function resolveDatabase(name: string, database: Database): DatabasePolicy {
  return {
    name,
    settings: Object.fromEntries(byName(database.settings).map(([key, value]) => [key, settingText(value)])),
    pgHba: (database.pg_hba ?? []).map(resolveRule),
    replication: database.replication ?? null,
    replicas: byName(database.replicas).map(([replica, spec]) => resolveReplica(replica, spec)),
  };
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

function byName<Item>(map: Readonly<Record<string, Item>> | undefined): [string, Item][] {
  return Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
}
