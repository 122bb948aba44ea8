import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { Failure } from "../../errors.ts";
import type { ListedFile } from "../../tools/restic/listings.ts";
import { runTool } from "../../tools/run.ts";
import type { AgentContext } from "../context.ts";
import { beginExchange, exchange } from "./exchange.ts";
import { differenceOf, measure } from "./measure.ts";
import { keptName, OWN_PREFIX, type Workplace, workplaceIn } from "./names.ts";
import type { Need } from "./room.ts";

/** Where files come from: a repository. */
export interface FileSource {
  /** The regular files in a snapshot. */
  list(snapshotId: string): Promise<readonly ListedFile[]>;
  /** Restores what is in a directory of a snapshot into a directory, owners, modes and links included. */
  restoreTo(snapshotId: string, path: string, directory: string): Promise<void>;
}

/** One path of a snapshot that is to take the place of what is live. */
export interface PathRestore {
  readonly snapshotId: string;
  /** Absolute, of the labelled path: the same in the snapshot and in the container. */
  readonly path: string;
  /** Below it, relative; null: all of it. */
  readonly part: string | null;
  /** Of the restore, for names: `20261121t021500z`. */
  readonly stamp: string;
}

export interface PathRestored {
  /** Regular files that came back. */
  readonly files: number;
  readonly bytes: number;
  /** Absolute path of the directory with the old entries; null: there were none. */
  readonly keptAs: string | null;
}

/**
 * Restores a path beside the live files, compares it with what the snapshot lists, and exchanges the two. Until the
 * exchange nothing live is touched. An exchange that was interrupted is brought to its end first.
 * Failure `restore.failed`, `restore.swap-refused`.
 */
export async function restorePath(
  source: FileSource,
  restore: PathRestore,
  context: AgentContext,
): Promise<PathRestored> {
  const listed = (await source.list(restore.snapshotId)).map(({ path }) => path);
  const { root, entry } = placeOf(restore, listed);
  const work = cleared(root, context);
  try {
    mkdirSync(join(work.fresh, entry === null ? "." : dirname(entry)), { recursive: true, mode: 0o700 });
    await fetch(source, restore.snapshotId, root, entry, work.fresh);
    dropOwn(work.fresh);
    const from = entry === null ? root : join(root, entry);
    const wanted = new Set(
      listed.filter((path) => isBelow(path, from)).map((path) => posix.relative(root, path)),
    );
    const { files, bytes } = await measure(work.fresh);
    const difference = differenceOf(new Set([...wanted].filter(isNotOwn)), files);
    if (difference !== null) throw new Failure("restore.failed", difference, { where: from });
    await flush(root, context);
    if (context.signal.aborted)
      throw new Failure("agent.interrupted", `${from} is as it was`, { where: from });

    const kept = keptName(restore.stamp);
    const fresh = entry === null ? readdirSync(work.fresh) : [entry];
    const outdated =
      entry === null ? readdirSync(root).filter((name) => isNotOwn(name) && !fresh.includes(name)) : [];
    beginExchange(root, { kept, fresh, outdated });
    exchange(root);
    return { files: files.size, bytes, keptAs: existsSync(join(root, kept)) ? join(root, kept) : null };
  } finally {
    // Once there is a journal, what is restored belongs to the root and has to get there.
    if (!existsSync(work.journal)) rmSync(work.directory, { recursive: true, force: true });
  }
}

/**
 * What a restore takes beside the live files, once nothing is left there of an earlier one that was killed.
 * Failure `restore.failed` where the snapshot does not have the path.
 */
export async function needOf(source: FileSource, restore: PathRestore, context: AgentContext): Promise<Need> {
  const listed = await source.list(restore.snapshotId);
  const paths = listed.map(({ path }) => path);
  const { root, entry } = placeOf(restore, paths);
  cleared(root, context);
  // One entry comes with what is beside it: see `fetch`.
  const fetched = entry === null ? root : posix.join(root, posix.dirname(entry));
  const files = listed.filter(({ path }) => isBelow(path, fetched));
  const unique = new Map(files.map(({ inode, path, bytes }) => [inode ?? path, inBlocks(bytes)]));
  return { root, bytes: [...unique.values()].reduce((sum, bytes) => sum + bytes, 0) };
}

/** What a file of so many bytes takes of most file systems. */
function inBlocks(bytes: number): number {
  return Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES;
}

const BLOCK_BYTES = 4096;

function cleared(root: string, context: AgentContext): Workplace {
  finishExchange(root, context);
  const work = workplaceIn(root);
  rmSync(work.directory, { recursive: true, force: true });
  return work;
}

/** Brings an exchange to its end that was interrupted in a labelled path. Call it before a backup and a restore. */
export function finishExchange(root: string, context: AgentContext): void {
  const kept = exchange(root);
  if (kept !== null)
    context.log(`An interrupted restore was brought to its end; the old files are in ${kept}`);
}

/** The directory that is worked in, and the one entry of it that is restored; null: all of them. */
function placeOf(
  { snapshotId, path, part }: PathRestore,
  listed: readonly string[],
): { readonly root: string; readonly entry: string | null } {
  const wanted = part === null ? path : posix.join(path, part);
  if (wanted !== path && !isBelow(wanted, path))
    throw new Failure("restore.failed", `${part} is not below ${path}`, { where: path });
  if (!listed.some((each) => isBelow(each, wanted)))
    throw new Failure("restore.failed", `Snapshot ${snapshotId.slice(0, 8)} has no files in ${wanted}`, {
      where: wanted,
      todo: "Nothing was changed. Choose another snapshot, or name a path that it has.",
    });
  // A labelled path may be a single file.
  if (listed.includes(path)) return { root: posix.dirname(path), entry: posix.basename(path) };
  return { root: path, entry: wanted === path ? null : posix.relative(path, wanted) };
}

async function fetch(
  source: FileSource,
  snapshotId: string,
  root: string,
  entry: string | null,
  into: string,
): Promise<void> {
  if (entry === null) await source.restoreTo(snapshotId, root, into);
  else {
    // Its own owner and mode come with what is in the directory above it.
    const above = posix.dirname(entry);
    const name = posix.basename(entry);
    const directory = join(into, above);
    await source.restoreTo(snapshotId, posix.join(root, above), directory);
    for (const other of readdirSync(directory))
      if (other !== name) rmSync(join(directory, other), { recursive: true, force: true });
  }
}

/** A snapshot may hold what an earlier restore had kept: that is not restored. */
function dropOwn(fresh: string): void {
  for (const name of readdirSync(fresh))
    if (!isNotOwn(name)) rmSync(join(fresh, name), { recursive: true, force: true });
}

function isNotOwn(path: string): boolean {
  return !path.startsWith(OWN_PREFIX);
}

function isBelow(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory.endsWith("/") ? directory : `${directory}/`);
}

/** What is restored must be on the disk before it takes the place of what is. */
async function flush(root: string, context: AgentContext): Promise<void> {
  const { exitCode, stderr } = await runTool(
    { program: "sync", argv: ["--file-system", root], env: {} },
    { signal: context.signal },
  );
  if (exitCode !== 0 && !context.signal.aborted)
    throw new Failure("files.unwritable", `${root}: ${stderr.trim()}`, { where: root });
}
