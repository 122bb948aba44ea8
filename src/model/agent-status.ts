import type { JobKind } from "./agent-policy.ts";
import type { LedgerEntry } from "./ledger.ts";

/** What an agent says of itself: the one document in which it and the control plane meet. */
export interface AgentStatus {
  readonly format_version: "1";
  readonly kamal_backup_version: string;
  readonly app: string;
  readonly host: string;
  /** SHA-256 of the policy file that it runs on. */
  readonly policy_hash: string;
  /** When this was written, by the agent's clock. */
  readonly at: string;
  /** Since when the scheduler runs; null: it does not. */
  readonly scheduling_since: string | null;
  readonly jobs: readonly JobStatus[];
  /** Restores that were killed while they took their place, and that nothing is bringing to its end just now. */
  readonly half_restored: readonly HalfRestored[];
  readonly repositories: readonly RepositoryStatus[];
}

export interface JobStatus {
  readonly job: JobKind;
  /** A target's name; for check and prune the repository's. */
  readonly subject: string;
  readonly schedule: string;
  /** Since when it runs; null: it does not. */
  readonly running_since: string | null;
  readonly next_at: string | null;
  readonly last: LedgerEntry | null;
  readonly last_success: LedgerEntry | null;
  /** Until when the newest success is current: the slot after it, plus grace. Null: there never was one. */
  readonly due_at: string | null;
}

/** A database that may be exchanged by half. The next backup, restore, drill or start of the agent ends that. */
export interface HalfRestored {
  readonly target: string;
  readonly database: string;
  /** When the restore began. */
  readonly since: string;
}

/** Whether a repository can be used; `wrong-password`, `absent` and `unreachable` are told apart by restic's exit status. */
export interface RepositoryStatus {
  readonly name: string;
  readonly state: "ready" | "absent" | "wrong-password" | "unreachable";
  /** What restic said, redacted; empty when ready. */
  readonly detail: string;
  /** Of its config; null when it is not ready. */
  readonly id: string | null;
  /** Which the ledger first saw it with; another one is another repository. */
  readonly expected_id: string | null;
  readonly locks: readonly RepositoryLock[];
}

export interface RepositoryLock {
  readonly id: string;
  readonly time: string;
  readonly host: string;
  readonly pid: number;
  readonly exclusive: boolean;
  /** Older than half an hour: restic renews a live one every five minutes. */
  readonly stale: boolean;
}
