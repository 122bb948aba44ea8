import type { AgentPolicy, AgentTarget } from "../../model/agent-policy.ts";
import { type LedgerEntry, notesOf, type Outcome } from "../../model/ledger.ts";
import type { Verified } from "../ledger/verify.ts";
import { keyOf, scheduledJobs } from "../schedule/jobs.ts";
import type { ScheduledJob } from "../schedule/jobs.ts";
import type { Marks } from "../schedule/marks.ts";
import { histories, readDataOf } from "../status/history.ts";
import type { Identity } from "../status/status.ts";
import { drillsOf, rtoOf } from "./drills.ts";
import type { DrillEvidence, Rto } from "./drills.ts";
import { gapsOf, rpoOf } from "./recovery-points.ts";
import type { Gap, Rpo } from "./recovery-points.ts";

/** What an agent can prove: schemas/evidence.v1.schema.json. Names, times and figures; never a secret. */
export interface Evidence {
  readonly format_version: "1";
  readonly kamal_backup_version: string;
  readonly app: string;
  readonly host: string;
  readonly policy_hash: string;
  readonly at: string;
  /** Gaps and recovery points are of these days up to now. */
  readonly window_days: number;
  /** By program; null: the image has none. */
  readonly tools: Readonly<Record<string, string | null>>;
  readonly ledger: Verified;
  readonly targets: readonly TargetEvidence[];
}

export interface TargetEvidence {
  readonly name: string;
  readonly type: string;
  readonly repository: string;
  readonly schedule: string;
  /** Null: the repository did not answer. */
  readonly snapshots: SnapshotEvidence | null;
  readonly last_backup: RunEvidence | null;
  readonly last_successful_backup: RunEvidence | null;
  /** Of the target's repository: the newest, and the newest that read some of its data. */
  readonly last_check: CheckEvidence | null;
  readonly last_data_check: CheckEvidence | null;
  /** All of the ledger, newest first. */
  readonly drills: readonly DrillEvidence[];
  readonly gaps: readonly Gap[];
  readonly rpo: Rpo;
  /** Null for files, which are not drilled. */
  readonly rto: Rto | null;
}

/** Complete runs of a target that its repository holds. */
export interface SnapshotEvidence {
  readonly runs: number;
  readonly newest: { readonly run: string; readonly time: string } | null;
}

/** The complete runs of a target, as they were found in its repository. */
export interface HeldRuns {
  readonly evidence: SnapshotEvidence;
  /** Of all their snapshots. */
  readonly ids: ReadonlySet<string>;
}

export interface RunEvidence {
  readonly seq: number;
  readonly hash: string;
  readonly outcome: Outcome;
  readonly started_at: string;
  readonly finished_at: string;
  /** Code of the failure. */
  readonly error: string | null;
  /** What it had to say although it was good: tables that are gone, a path that was left out. */
  readonly notes: readonly string[];
}

export interface CheckEvidence extends RunEvidence {
  /** The part of the stored data that it was to read: `5%`; null: none, or it died before it said so. */
  readonly read_data: string | null;
}

/** What was found out for an evidence; the rest follows from it. */
export interface Findings {
  readonly at: Date;
  readonly tools: Evidence["tools"];
  readonly ledger: Verified;
  /** Newest first. */
  readonly entries: readonly LedgerEntry[];
  readonly marks: Marks;
  /** By target. */
  readonly snapshots: ReadonlyMap<string, HeldRuns>;
}

const WINDOW_DAYS = 30;

export function evidenceOf({ version, policy, policyHash }: Identity, findings: Findings): Evidence {
  return {
    format_version: "1",
    kamal_backup_version: version,
    app: policy.app,
    host: policy.host,
    policy_hash: policyHash,
    at: findings.at.toISOString(),
    window_days: WINDOW_DAYS,
    tools: findings.tools,
    ledger: findings.ledger,
    targets: policy.targets.map((target) => targetEvidence(target, policy, findings)),
  };
}

function targetEvidence(target: AgentTarget, policy: AgentPolicy, findings: Findings): TargetEvidence {
  const { at, entries, marks } = findings;
  const backup = scheduledJobs(policy).find((job) => job.job === "backup" && job.subject === target.name);
  if (backup === undefined) throw new TypeError(`${target.name} has no backup`);
  const [backups] = histories([backup], entries);
  const checks = entries.filter(({ job, repository }) => job === "check" && repository === backup.repository);
  const successes = successesOf(backup, entries);
  const window = { since: new Date(at.getTime() - WINDOW_DAYS * 86_400_000), until: at };
  const objectives = target.type === "files" ? null : target.objectives;
  const drills = drillsOf(target.name, entries);
  const held = findings.snapshots.get(target.name) ?? null;
  return {
    name: target.name,
    type: target.type === "server" ? target.engine : target.type,
    repository: backup.repository,
    schedule: backup.schedule,
    snapshots: held?.evidence ?? null,
    last_backup: runEvidence(backups?.last),
    last_successful_backup: runEvidence(backups?.lastSuccess),
    last_check: checkEvidence(checks[0]),
    last_data_check: checkEvidence(checks.find((check) => typeof readDataOf(check) === "string")),
    drills,
    gaps: gapsOf(backup, marks[keyOf(backup)], successes, window),
    rpo: rpoOf(successes, window, objectives?.rpo_seconds ?? null, held?.ids ?? null),
    rto: objectives === null ? null : rtoOf(drills, objectives.rto_seconds),
  };
}

/** Oldest first. */
function successesOf({ subject }: ScheduledJob, entries: readonly LedgerEntry[]): readonly LedgerEntry[] {
  return entries
    .filter(({ job, target, outcome }) => job === "backup" && target === subject && outcome === "success")
    .reverse();
}

function runEvidence(entry: LedgerEntry | null | undefined): RunEvidence | null {
  if (entry == null) return null;
  const { seq, hash, outcome, started_at, finished_at, error } = entry;
  return { seq, hash, outcome, started_at, finished_at, error: error?.code ?? null, notes: notesOf(entry) };
}

function checkEvidence(entry: LedgerEntry | undefined): CheckEvidence | null {
  const run = runEvidence(entry);
  return run === null || entry === undefined ? null : { ...run, read_data: readDataOf(entry) ?? null };
}
