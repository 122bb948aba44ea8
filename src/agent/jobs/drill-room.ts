import { mkdir, statfs } from "node:fs/promises";
import { Failure } from "../../errors.ts";
import { showBytes } from "../../model/bytes.ts";
import type { Details } from "../../model/ledger.ts";
import type { AgentContext } from "../context.ts";
import type { Snapshot } from "../repository/snapshot.ts";
import type { RunRecord } from "./facts-file.ts";
import { JobFailure } from "./job.ts";

/** Room in the scratch directory, in bytes. */
export interface Room {
  /** What the databases took when they were backed up; null: nobody recorded it. */
  readonly needed: number | null;
  /** Free before the drill. */
  readonly free: number;
}

/** A server that stopped for want of room left less than one segment of its log (16 MB) and something. */
const FULL_BYTES = 32 * 2 ** 20;

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
  return { needed, free: await freeBytes(context) };
}

/**
 * The same failure, or `drill.no-room` where the scratch directory was too small: nothing was found out of the backup
 * then. A server may not get to say that, so what it had and what it left are looked at, too.
 */
export async function unlessFull(
  error: unknown,
  room: Room,
  details: Details,
  context: AgentContext,
): Promise<unknown> {
  if (!(error instanceof Failure) || context.signal.aborted) return error;
  const left = await freeBytes(context);
  if (!isFull(`${error.message}\n${error.detail ?? ""}`, room, left)) return error;
  const { needed, free } = room;
  const took =
    needed === null
      ? ""
      : `: the databases alone took ${showBytes(needed)}, and ${showBytes(free)} were free`;
  return new JobFailure("drill.no-room", `the scratch directory is too small for this drill${took}`, {
    where: context.scratchDirectory,
    detail: [error.message, error.detail ?? ""].join("\n").trim(),
    details: { ...details, needed_bytes: needed, free_bytes: free },
    cause: error,
  });
}

/** @param left free bytes when it had failed, before it was cleaned up */
export function isFull(words: string, { needed, free }: Room, left: number): boolean {
  return NO_SPACE.test(words) || left < FULL_BYTES || (needed !== null && free < needed);
}

async function freeBytes({ scratchDirectory }: AgentContext): Promise<number> {
  await mkdir(scratchDirectory, { recursive: true });
  const { bavail, bsize } = await statfs(scratchDirectory);
  return bavail * bsize;
}
