import type { AgentStatus, JobStatus } from "../../../src/model/agent-status.ts";
import type { JobKind } from "../../../src/model/agent-policy.ts";
import type { LedgerEntry } from "../../../src/model/ledger.ts";
import type { FactAnswer } from "../../../src/model/probe.ts";
import type { AgentNode } from "../../../src/model/topology.ts";

const NOW = "2026-01-05T12:00:00.000Z";
const STARTED = "2026-01-05T02:15:00.000Z";
const FINISHED = "2026-01-05T02:16:40.000Z";

/** What an agent says of itself whose jobs all ran last night, in the form of `kamal-backup status --json`. */
export function agentFact(name: string, node: AgentNode): FactAnswer {
  if (name !== "status") throw new Error(`the healthy agent knows no fact ${name}`);
  return { json: healthyStatus(node) };
}

function healthyStatus({ policy, policyHash }: AgentNode): AgentStatus {
  return {
    format_version: "1",
    kamal_backup_version: "0.0.0-test",
    app: policy.app,
    host: policy.host,
    policy_hash: policyHash,
    at: NOW,
    scheduling_since: "2026-01-01T00:00:00.000Z",
    jobs: policy.targets.flatMap((target) => {
      const { backup, name } = target;
      const drill = "drill" in target ? target.drill : null;
      return [
        job("backup", name, backup.schedule),
        ...(drill === null ? [] : [job("drill", name, drill.schedule)]),
        ...(backup.check === null ? [] : [job("check", backup.repository, backup.check.schedule)]),
        ...(backup.prune === null ? [] : [job("prune", backup.repository, backup.prune.schedule)]),
      ];
    }),
    half_restored: [],
    repositories: policy.repositories.map((repository) => {
      const id = repository.name.padEnd(64, "0");
      return { name: repository.name, state: "ready", detail: "", id, expected_id: id, locks: [] };
    }),
  };
}

function job(kind: JobKind, subject: string, schedule: string): JobStatus {
  const last = entry(kind, subject);
  return {
    job: kind,
    subject,
    schedule,
    running_since: null,
    next_at: "2026-01-06T02:15:00.000Z",
    last,
    last_success: last,
    due_at: "2026-01-06T03:15:00.000Z",
  };
}

function entry(kind: JobKind, subject: string): LedgerEntry {
  return {
    seq: 7,
    prev: "0".repeat(64),
    hash: "1".repeat(64),
    job: kind,
    target: kind === "backup" || kind === "drill" ? subject : null,
    repository: "offsite",
    outcome: "success",
    started_at: STARTED,
    finished_at: FINISHED,
    trigger: { by: "schedule", slot: STARTED },
    error: null,
    details: {},
  };
}
