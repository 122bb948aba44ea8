import { SCHEDULED_JOBS } from "../model/agent-policy.ts";
import type { AgentAssertion, AgentNotification, BackupPlan, RetentionRules } from "../model/agent-policy.ts";
import type { Protection, RepositoryPolicy } from "../model/policy.ts";
import { byName } from "./by-name.ts";
import { DEFAULT_NOTIFICATION, DEFAULT_PRUNE } from "./defaults.ts";
import type {
  Assertion,
  Backup,
  Database,
  Notification,
  Repository,
  Retention,
} from "./document.generated.ts";
import { durationSeconds } from "./duration.ts";

/** What the policy asks of a database's backups, with defaults. */
export function resolveProtection({ backup, objectives = {}, drill }: Database): Protection {
  return {
    backup: backup === undefined ? null : resolveBackup(backup),
    objectives: { rpo_seconds: seconds(objectives.rpo), rto_seconds: seconds(objectives.rto) },
    drill:
      drill === undefined
        ? null
        : { schedule: drill.schedule, assertions: (drill.assertions ?? []).map(resolveAssertion) },
  };
}

/** A backup with defaults: what is forgotten is pruned too. */
export function resolveBackup(backup: Backup): BackupPlan {
  const { schedule, jitter, repository, retention, check, prune } = backup;
  return {
    schedule,
    jitter_seconds: seconds(jitter) ?? 0,
    repository,
    retention: retention === undefined ? null : resolveRetention(retention),
    check: check === undefined ? null : { schedule: check.schedule, read_data: check.read_data ?? null },
    prune: retention === undefined ? null : { schedule: prune?.schedule ?? DEFAULT_PRUNE },
  };
}

export function resolveRepository(name: string, repository: Repository): RepositoryPolicy {
  const { ssh } = repository;
  return {
    name,
    location: repository.restic,
    password: repository.password,
    env: Object.fromEntries(byName(repository.env)),
    options: repository.options ?? [],
    ca: repository.ca ?? null,
    ssh: ssh === undefined ? null : { key: ssh.key, knownHosts: ssh.known_hosts },
  };
}

export function resolveNotification(notification: Notification): AgentNotification {
  const { url, type = DEFAULT_NOTIFICATION, on, jobs = SCHEDULED_JOBS } = notification;
  return { url, type, on, jobs };
}

function resolveRetention(retention: Retention): RetentionRules {
  const { last = 0, hourly = 0, daily = 0, weekly = 0, monthly = 0, yearly = 0, within } = retention;
  return { last, hourly, daily, weekly, monthly, yearly, within_seconds: seconds(within) };
}

function resolveAssertion({ name, sql, database, min, equals }: Assertion): AgentAssertion {
  return { name, sql, database: database ?? null, min: min ?? null, equals: equals ?? null };
}

function seconds(duration: string | undefined): number | null {
  return duration === undefined ? null : durationSeconds(duration);
}
