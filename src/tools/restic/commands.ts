import type { Tool } from "../run.ts";
import { escapeTag } from "./tags.ts";

/** How long a command waits for a lock that another one holds. */
const RETRY_LOCK = ["--retry-lock", "2m"];

/** restic's argv of each command, without what `globalArgv` says. */
export const COMMANDS = {
  config: () => ["cat", "config", "--no-lock"],
  init: () => ["init"],
  version: () => ["version"],
  snapshots: () => ["snapshots", ...RETRY_LOCK],
  list: (snapshotId: string) => ["ls", snapshotId, ...RETRY_LOCK],
  dump: (snapshotId: string, path: string) => ["dump", "--archive", "tar", ...RETRY_LOCK, snapshotId, path],
  /** With a path, what is in that directory comes to stand in `target` itself (restic's `SNAPSHOT:PATH`). */
  restore: (snapshotId: string, path: string | null, target: string) => [
    ...["restore", path === null ? snapshotId : `${snapshotId}:${path}`, "--target", target, "--verify"],
    ...RETRY_LOCK,
  ],
  forget: (snapshotIds: readonly string[]) => ["forget", ...RETRY_LOCK, ...snapshotIds],
  prune: () => ["prune", ...RETRY_LOCK],
  check: (readData: string | null) => [
    ...["check", ...RETRY_LOCK],
    ...(readData === null ? [] : ["--read-data-subset", readData]),
  ],
  lockIds: () => ["list", "locks", "--no-lock"],
  lock: (id: string) => ["cat", "lock", id, "--no-lock"],
  unlock: () => ["unlock"],
} as const;

/**
 * Backs up the stdout of a program; restic waits for its end and stores nothing where it failed. A dump is compressed
 * at restic's least effort: a quarter less CPU than by default for a twentieth more bytes (bench/README.md).
 */
export function streamArgv(from: Tool, filename: string, host: string, tags: readonly string[]): string[] {
  return [
    ...["backup", ...RETRY_LOCK, "--host", host, ...tagArgv(tags), "--compression", "fastest"],
    ...["--stdin-filename", filename, "--stdin-from-command", "--", from.program, ...from.argv],
  ];
}

/** Backs up directories; what a restore of files left in them (`.kamal-backup-before-...`) is no data of theirs. */
export function pathsArgv(paths: readonly string[], host: string, tags: readonly string[]): string[] {
  return [
    ...["backup", ...RETRY_LOCK, "--host", host, ...tagArgv(tags)],
    ...["--exclude", ".kamal-backup-before-*", "--exclude", ".kamal-backup-restoring", "--", ...paths],
  ];
}

function tagArgv(tags: readonly string[]): string[] {
  return tags.flatMap((tag) => ["--tag", escapeTag(tag)]);
}
