import type { AgentTarget } from "../../model/agent-policy.ts";
import type { AgentContext } from "../../agent/context.ts";
import { Failure } from "../../errors.ts";
import { backupDatabase } from "../../agent/jobs/backup-database.ts";
import { backupFiles } from "../../agent/jobs/backup-files.ts";
import { checkRepository } from "../../agent/jobs/check.ts";
import { dropPrevious } from "../../agent/jobs/drop-previous.ts";
import { drillDatabase } from "../../agent/jobs/drill-database.ts";
import type { Work } from "../../agent/jobs/job.ts";
import { pruneRepository } from "../../agent/jobs/prune.ts";
import { restoreDatabase } from "../../agent/jobs/restore-database.ts";
import { dropPreviousFiles, restoreFiles } from "../../agent/jobs/restore-files.ts";
import type { BackupOptions } from "../../agent/jobs/take-run.ts";
import { tidyProduction } from "../../agent/jobs/tidy-production.ts";
import type { ScheduledJob } from "../../agent/schedule/jobs.ts";
import { whileFree } from "../../agent/target-lock/target-lock.ts";

/** What a job on schedule does. */
export function scheduledWork(job: ScheduledJob): Work {
  const { target } = job;
  if (job.job === "check") return (context) => checkRepository(job.repository, job.readData, context);
  if (job.job === "prune") return (context) => pruneRepository(job.repository, context);
  if (target === null) throw new Failure("internal.bug", `a ${job.job} without a target is on schedule`);
  if (job.job === "backup") return backupWork(target, { force: true, acceptSmaller: false });
  return drillWork(target, "latest");
}

/** What killed restores left on the servers of the policy, one server after another. */
export async function tidyServers(context: AgentContext): Promise<void> {
  for (const target of context.policy.targets) {
    if (target.type === "files") continue;
    const subject = { target: target.name, repository: target.backup.repository };
    await whileFree(context.stateDirectory, subject, () => tidyProduction(target, context));
  }
}

export function backupWork(target: AgentTarget, options: BackupOptions): Work {
  return (context) =>
    target.type === "files"
      ? backupFiles(target, options, context)
      : backupDatabase(target, options, context);
}

export interface RestoreRequest {
  /** `latest`, a timestamp, or the start of a snapshot's id. */
  readonly selector: string;
  /** What was typed. */
  readonly confirm: string;
  readonly database: string | null;
  readonly table: string | null;
  readonly path: string | null;
  readonly dropPrevious: boolean;
}

/** A restore into production. Failure `cli.usage` for what the kind of target does not have. */
export function restoreWork(target: AgentTarget, request: RestoreRequest): Work {
  const { selector, confirm, database, table, path, dropPrevious: drops } = request;
  if (target.type === "files") {
    if (table !== null || database !== null) throw unfit(target, "no tables: use --path");
    return (context) =>
      drops
        ? dropPreviousFiles(target, confirm, context)
        : restoreFiles(target, { selector, path, confirm }, context);
  }
  if (path !== null) throw unfit(target, "no paths: use --table");
  return (context) =>
    drops
      ? dropPrevious(target, { database, confirm }, context)
      : restoreDatabase(target, { selector, database, table, confirm }, context);
}

function unfit({ name, type }: AgentTarget, why: string): Failure {
  return new Failure("cli.usage", `${name} (${type}) has ${why}`);
}

/** `selector`: `latest`, a timestamp, or the start of a snapshot's id. */
export function drillWork(target: AgentTarget, selector: string): Work {
  if (target.type === "files") {
    throw new Failure("agent.no-such-target", `${target.name} has files: drills restore databases`);
  }
  return (context) => drillDatabase(target, selector, context);
}
