/** Why a backup is not taken, or not kept: the start of the Failure. */
export interface Refusal {
  readonly code: "backup.empty" | "backup.shrunk";
  readonly what: string;
}

/** A database or a path as it is now, beside what the newest complete run had of it. */
export interface Subject {
  /** In words: "database teamyap_production", "path storage (/data/storage)". */
  readonly what: string;
  /** Tables of a database, or whether a path has any file: 1 or 0. */
  readonly contents: number;
  /** The same of the run before; null where that is not known, or there was none. */
  readonly before: number | null;
}

/**
 * Before anything is stored: nothing at all to back up, or a part that had something and now has nothing. An empty
 * volume on a new host must not become "latest", as retention would then let it push out the good ones.
 * @param contents word for what is counted: "tables", "files".
 */
export function refuseEmpty(subjects: readonly Subject[], contents: string): Refusal | null {
  if (subjects.every((subject) => subject.contents === 0)) {
    const names = subjects.map(({ what }) => what).join(", ");
    const nothing = names === "" ? "there is no database" : `there are no ${contents} in ${names}`;
    return { code: "backup.empty", what: nothing };
  }
  const emptied = subjects.filter((subject) => subject.contents === 0 && (subject.before ?? 0) > 0);
  if (emptied.length === 0) return null;
  const names = emptied.map(({ what }) => what).join(", ");
  return {
    code: "backup.empty",
    what: `there are no ${contents} in ${names}, and the backup before had some`,
  };
}

/** After the dump: below half of the one before. Half a dump looks like a good one to everything else. */
export function refuseShrunk(what: string, bytes: number, before: number | null): Refusal | null {
  if (before === null || bytes * 2 >= before) return null;
  return {
    code: "backup.shrunk",
    what: `the backup of ${what} has ${bytes} bytes, and the one before had ${before}`,
  };
}

/** What was backed up before and is not there any more: the newest backup must not be the one without it. */
export function refuseVanished(gone: readonly string[]): Refusal | null {
  return gone.length === 0 ? null : { code: "backup.empty", what: gone.join("; ") };
}

/** What the run before had and this one has not, in words. */
export function vanished(kind: string, now: readonly string[], before: readonly string[]): string[] {
  return before
    .filter((name) => !now.includes(name))
    .map((name) => `${kind} ${name} was in the backup before and is not there any more`);
}
