import type { RepositoryLock, RepositoryStatus } from "../../model/agent-status.ts";
import type { ListedFile } from "../../tools/restic/listings.ts";
import type { Producer } from "../engines/engine.ts";
import type { Snapshot } from "./snapshot.ts";

/** What a backup put into a repository. */
export interface Stored {
  readonly snapshotId: string;
  /** Of the source. */
  readonly bytes: number;
  /** Added to the repository, compressed. */
  readonly addedBytes: number;
}

/** A restic repository. Every method throws Failure `repository.*` where it cannot be used. */
export interface Repository {
  readonly name: string;
  /** Whether it can be used, within ten seconds; never throws. */
  probe(): Promise<RepositoryStatus>;
  /** Its id. Failure `repository.absent`, `repository.wrong-password`, `repository.unreachable`, or `repository.other` where it is not the one that was used before. */
  open(): Promise<string>;
  /** Makes it where it is absent and never was used from here before; its id. */
  init(): Promise<string>;
  /**
   * Backs up the stdout of a program as one file. A program that fails leaves no snapshot: Failure `backup.failed`.
   * @param filename without a directory.
   */
  backupStream(producer: Producer, filename: string, tags: readonly string[]): Promise<Stored>;
  /** Backs up directories and files by their absolute paths. A file that cannot be read is Failure `backup.failed`. */
  backupPaths(paths: readonly string[], tags: readonly string[]): Promise<Stored>;
  /** Every snapshot of this app that kamal-backup or its gem made, oldest first. */
  snapshots(): Promise<readonly Snapshot[]>;
  /** A program that writes a file of a snapshot to its stdout; a directory as a tar archive. */
  dumpProducer(snapshotId: string, path: string): Producer;
  /** The files in a snapshot. */
  list(snapshotId: string): Promise<readonly ListedFile[]>;
  /** A small file of a snapshot. */
  readText(snapshotId: string, path: string): Promise<string>;
  /** Restores a path of a snapshot (null: all of it) below a directory, and verifies what was written. */
  restoreTo(snapshotId: string, path: string | null, directory: string): Promise<void>;
  /** Forgets exactly these. */
  forget(snapshotIds: readonly string[]): Promise<void>;
  /** Frees the storage of what was forgotten; what restic said, in lines. */
  prune(): Promise<string>;
  /** Verifies the structure, and with `readData` (`5%`, `100%`) that part of the data. */
  check(readData: string | null): Promise<string>;
  locks(): Promise<readonly RepositoryLock[]>;
  /** Removes stale locks only; what was removed. */
  unlock(): Promise<readonly RepositoryLock[]>;
  /** Version of restic. */
  version(): Promise<string>;
}
