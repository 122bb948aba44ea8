import { join } from "node:path";

/**
 * How everything begins that a restore of files leaves in the directory it works in. It has to be there: a mounted
 * directory cannot be renamed, and what is beside it may be another file system.
 */
export const OWN_PREFIX = ".kamal-backup-";

const KEPT_PREFIX = `${OWN_PREFIX}before-`;

/** The directory that the old files are kept in. @param stamp of the restore: `20261121t021500z`. */
export function keptName(stamp: string): string {
  return KEPT_PREFIX + stamp;
}

export function isKept(name: string): boolean {
  return name.startsWith(KEPT_PREFIX);
}

/** Where a restore of one directory works; mode 0700, gone at its end. */
export interface Workplace {
  readonly directory: string;
  /** What is restored, by its path below the root. */
  readonly fresh: string;
  readonly journal: string;
}

export function workplaceIn(root: string): Workplace {
  const directory = join(root, `${OWN_PREFIX}restoring`);
  return { directory, fresh: join(directory, "fresh"), journal: join(directory, "journal.json") };
}
