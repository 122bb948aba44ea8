import type { DatabaseTarget, Server } from "../engines/engine.ts";
import type { Snapshot } from "../repository/snapshot.ts";
import type { RunRecord } from "./facts-file.ts";
import type { PinnedRun } from "./pinned-run.ts";

/** One database of a run, and all that a restore of it needs. */
export interface Restore {
  readonly target: DatabaseTarget;
  readonly pinned: PinnedRun;
  /** Null: the gem made the run. */
  readonly record: RunRecord | null;
  readonly database: string;
  readonly snapshot: Snapshot;
  readonly server: Server;
  readonly began: Date;
}
