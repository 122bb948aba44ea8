import { mkdir } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { Failure } from "../../errors.ts";
import { showBytes } from "../../model/bytes.ts";
import type { Details } from "../../model/ledger.ts";
import type { AgentContext } from "../context.ts";
import { type Disk, diskOf, fits, reserveOf } from "../disk.ts";
import type { Snapshot } from "../repository/snapshot.ts";
import type { RunRecord } from "./facts-file.ts";
import { JobFailure } from "./job.ts";

/** Room in the scratch directory, in bytes. */
export interface Room {
  /** What the databases took when they were backed up; null: nobody recorded it. */
  readonly needed: number | null;
  /** Before the drill. */
  readonly disk: Disk;
}

/** How often it is looked at: a fast disk takes 100 MB in that time. */
const WATCH_MS = 200;

/** In the words of the operating system, PostgreSQL, MariaDB (its error 1114) and SQLite. */
const NO_SPACE = /no space left on device|disk full|errcode: 28\b|the table '.*' is full|disk is full/i;

/** The gem recorded no sizes of databases: they take at least what their dumps did. */
export async function roomFor(
  record: RunRecord | null,
  dumps: ReadonlyMap<string, Snapshot>,
  context: AgentContext,
): Promise<Room> {
  const sizes =
    record === null
      ? [...dumps.values()].map(({ sizeBytes }) => sizeBytes)
      : record.facts.map(({ size_bytes }) => size_bytes);
  const needed = sizes.includes(null) ? null : sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  await mkdir(context.scratchDirectory, { recursive: true });
  return { needed, disk: await diskOf(context.scratchDirectory) };
}

/**
 * Drills while there is room for it, in a context of its own, which is aborted where half of the reserve is gone:
 * production may be on the same disk.
 * @param details of the failure
 * @throws Failure `drill.no-room`, also beforehand: nothing was found out of the backup then.
 */
export async function withRoom<Result>(
  room: Room,
  details: Details,
  context: AgentContext,
  work: (guarded: AgentContext) => Promise<Result>,
): Promise<Result> {
  const { needed, disk } = room;
  if (!fits(needed ?? 0, disk)) throw noRoom(room, details, context);
  const full = new AbortController();
  const ended = new AbortController();
  const watching = watch(full, ended.signal, context);
  try {
    return await work({ ...context, signal: AbortSignal.any([context.signal, full.signal]) });
  } catch (error) {
    if (context.signal.aborted) throw error;
    throw full.signal.aborted || saysFull(error) ? noRoom(room, details, context, error) : error;
  } finally {
    ended.abort();
    await watching;
  }
}

/** Whether a program failed for want of room; what a drill found out of a backup (JobFailure) is something else. */
export function saysFull(error: unknown): boolean {
  return error instanceof Failure && !(error instanceof JobFailure) && NO_SPACE.test(wordsOf(error));
}

async function watch(full: AbortController, ended: AbortSignal, context: AgentContext): Promise<void> {
  while (!ended.aborted && !full.signal.aborted) {
    const disk = await diskOf(context.scratchDirectory).catch(() => null);
    if (disk !== null && disk.free <= reserveOf(disk) / 2) full.abort();
    await wait(WATCH_MS, undefined, { signal: ended }).catch(() => {});
  }
}

function noRoom(
  { needed, disk }: Room,
  details: Details,
  { scratchDirectory }: AgentContext,
  cause?: unknown,
): JobFailure {
  const takes = needed === null ? "" : `the databases alone take ${showBytes(needed)}, `;
  const free = showBytes(disk.free);
  const what =
    cause === undefined
      ? `is too small for this drill: ${takes}${free} are free, and ${showBytes(reserveOf(disk))} stay free`
      : `ran short of room in this drill: ${takes}${free} were free before it`;
  return new JobFailure("drill.no-room", `the scratch directory ${what}`, {
    where: scratchDirectory,
    ...(cause instanceof Failure ? { detail: wordsOf(cause) } : {}),
    details: { ...details, needed_bytes: needed, free_bytes: disk.free },
    cause,
  });
}

function wordsOf({ message, detail }: Failure): string {
  return [message, detail ?? ""].join("\n").trim();
}
