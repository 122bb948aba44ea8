/** A snapshot of ours in a repository, made by this program or by the gem kamal-backup. */
export interface Snapshot {
  /** 64 hexadecimal digits. */
  readonly id: string;
  readonly shortId: string;
  /** When it was taken. */
  readonly time: Date;
  readonly host: string;
  /** Absolute paths in it, as restic has them. */
  readonly paths: readonly string[];
  readonly type: "database" | "globals" | "files";
  /** Of the policy; null: the gem made it, which has no such tag. */
  readonly target: string | null;
  readonly adapter: string | null;
  readonly database: string | null;
  /** `run:` tag: `2026-11-21T02:15:00Z`; null: the gem made it. */
  readonly run: string | null;
  /** Labels of the paths of a files snapshot. */
  readonly labels: readonly string[];
  /** Bytes of the source that it holds; null where restic does not say. */
  readonly sizeBytes: number | null;
}

/**
 * The snapshots of one backup run of one target: one a database, or one of files, and last of all its record (of type
 * `globals`).
 */
export interface Run {
  /** Newest time of its snapshots. */
  readonly time: Date;
  /** The `run:` tag, or the id of the gem's snapshot. */
  readonly id: string;
  readonly snapshots: readonly Snapshot[];
  /**
   * The run came to its end and was accepted: it has its record, which is stored after all else. One of the gem is its
   * only snapshot.
   */
  readonly complete: boolean;
  readonly madeBy: "kamal-backup" | "gem";
  /** That took it: as the policy calls it there, or the gem's container. */
  readonly host: string;
}
