import {
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { Failure } from "../../errors.ts";
import { writeWhole } from "../write-whole.ts";
import { type Workplace, workplaceIn } from "./names.ts";

/** An exchange that has begun: what it goes by after a kill. All paths are relative to the root. */
interface Journal {
  /** The directory that old entries are kept in. */
  readonly kept: string;
  /** Which come from the restored files; one of them may have an old counterpart. */
  readonly fresh: readonly string[];
  /** Old entries that the restored files do not have. */
  readonly outdated: readonly string[];
}

/** Writes down what will be exchanged; from then on the restored files belong to the root. */
export function beginExchange(root: string, journal: Journal): void {
  writeWhole(workplaceIn(root).journal, JSON.stringify(journal));
}

/**
 * Moves every old entry into the directory of the kept ones and every restored one into its place, by renaming within
 * one file system: an entry is missing for an instant only, and none is ever written to. It goes by what is there, so a
 * killed exchange goes on when this is called again. What the app makes in the meantime under the name of a restored
 * entry is kept too.
 * @returns the directory of the kept entries; null where there was no exchange to bring to its end.
 * Failure `restore.swap-refused`.
 */
export function exchange(root: string): string | null {
  const work = workplaceIn(root);
  if (!existsSync(work.journal)) return null;
  const journal = JSON.parse(readFileSync(work.journal, "utf8")) as Journal;
  try {
    for (const entry of journal.outdated) keep(root, entry, journal.kept);
    for (const entry of journal.fresh) putInPlace(root, entry, work, journal.kept);
  } catch (cause) {
    throw refused(root, cause as NodeJS.ErrnoException);
  }
  rmSync(work.directory, { recursive: true, force: true });
  return join(root, journal.kept);
}

function putInPlace(root: string, entry: string, work: Workplace, kept: string): void {
  const fresh = join(work.fresh, entry);
  // It was put in its place before this was interrupted.
  if (!isThere(fresh)) return;
  keep(root, entry, kept);
  makeParents(root, dirname(entry));
  renameSync(fresh, join(root, entry));
}

function keep(root: string, entry: string, kept: string): void {
  const old = join(root, entry);
  if (!isThere(old)) return;
  mkdirSync(join(root, kept), { recursive: true, mode: 0o700 });
  const to = freePath(join(root, kept, entry));
  mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
  renameSync(old, to);
}

function freePath(path: string): string {
  for (let count = 1; ; count++) {
    const candidate = count === 1 ? path : join(dirname(path), `${basename(path)}.${count}`);
    if (!isThere(candidate)) return candidate;
  }
}

/** Directories that the live files do not have any more; of the owner of the nearest one that is there. */
function makeParents(root: string, directory: string): void {
  const path = join(root, directory);
  if (existsSync(path)) return;
  makeParents(root, dirname(directory));
  const { uid, gid, mode } = statSync(dirname(path));
  mkdirSync(path, { mode });
  chownSync(path, uid, gid);
}

/** A link that leads nowhere is there too. */
function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function refused(root: string, cause: NodeJS.ErrnoException): Failure {
  const isMount = cause.code === "EBUSY" || cause.code === "EXDEV";
  return new Failure(
    "restore.swap-refused",
    `The files in ${root} could not all be exchanged: ${cause.message}`,
    {
      where: root,
      cause,
      todo: isMount
        ? "Something below it is mounted by itself and cannot be renamed: mount their common directory into the agent instead, then run the restore again; it goes on."
        : "Correct the cause, then run the restore again: it goes on where it stopped. What was moved is kept.",
    },
  );
}
