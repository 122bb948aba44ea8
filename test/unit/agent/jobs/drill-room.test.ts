import { expect, test } from "vitest";
import { type Room, roomFor, saysFull, withRoom } from "../../../../src/agent/jobs/drill-room.ts";
import { JobFailure } from "../../../../src/agent/jobs/job.ts";
import { Failure } from "../../../../src/errors.ts";
import type { Facts } from "../../../../src/model/ledger.ts";
import { aStateDirectory } from "../a-state-directory.ts";
import { anAgent } from "../an-agent.ts";

const GB = 2 ** 30;
const ENOUGH: Room = { needed: GB, disk: { free: 3 * GB, total: 40 * GB } };

const failureOf = async (work: Promise<unknown>): Promise<Partial<JobFailure>> =>
  await work.then(
    () => ({}),
    (error) => error,
  );

test("a drill is short of room where its programs say so, but not where it found out that a backup is bad", () => {
  const words = [
    'pg_restore: error: could not extend file "base/16384/16390": No space left on device',
    "ERROR 1114 (HY000) at line 40: The table 'orders' is full",
    'Got error 28 "No space left on device" from storage engine InnoDB',
    "Error: database or disk is full",
  ];
  for (const one of words) {
    expect(saysFull(new Failure("restore.failed", "app could not be restored", { detail: one })), one).toBe(
      true,
    );
    expect(saysFull(new JobFailure("drill.failed", one, { details: {} }))).toBe(false);
  }
  expect(saysFull(new Failure("restore.failed", "the table is full of duplicates"))).toBe(false);
});

test("it begins only where the databases and a reserve fit", async () => {
  const context = anAgent({ scratchDirectory: aStateDirectory() });
  const facts = [{ size_bytes: 3 * GB }, { size_bytes: GB }] as unknown as Facts[];
  const { needed } = await roomFor({ facts, globals: null }, new Map(), context);
  expect(needed).toBe(4 * GB);
  const room: Room = { needed, disk: { free: 6 * GB - 1, total: 1000 * GB } };
  let began = 0;
  const work = async (): Promise<number> => (began += 1);
  expect(await failureOf(withRoom(room, { run: "r" }, context, work))).toMatchObject({
    code: "drill.no-room",
    message:
      "the scratch directory is too small for this drill: the databases alone take 4 GB, 6 GB are free, and 2 GB stay free",
    details: { run: "r", needed_bytes: 4 * GB, free_bytes: 6 * GB - 1 },
  });
  expect(began).toBe(0);
  const fitting = { ...room, disk: { ...room.disk, free: 6 * GB } };
  expect(await withRoom(fitting, {}, context, work)).toBe(1);
});

test("it is stopped before the disk is full, whoever fills it", async () => {
  // Of that file system no byte is ever free.
  const context = anAgent({ scratchDirectory: "/proc" });
  const stopped = withRoom(
    ENOUGH,
    { run: "r" },
    context,
    (guarded) =>
      new Promise((_, reject) => {
        guarded.signal.addEventListener("abort", () => reject(new Failure("agent.interrupted", "stopped")));
      }),
  );
  expect(await failureOf(stopped)).toMatchObject({
    code: "drill.no-room",
    message:
      "the scratch directory ran short of room in this drill: the databases alone take 1 GB, 3 GB were free before it",
    detail: "stopped",
    details: { run: "r" },
  });
});

test("any other failure stays what it is, also of a work that was told to stop", async () => {
  const context = anAgent({ scratchDirectory: aStateDirectory() });
  const failed = new Failure("restore.failed", "app could not be restored", { detail: "connection lost" });
  expect(await failureOf(withRoom(ENOUGH, {}, context, () => Promise.reject(failed)))).toBe(failed);
  const full = new Failure("restore.failed", "No space left on device");
  const told = { ...context, signal: AbortSignal.abort() };
  expect(await failureOf(withRoom(ENOUGH, {}, told, () => Promise.reject(full)))).toBe(full);
});
