import { expect, test } from "vitest";
import { hasServerRoom, requireServerRoom } from "../../../../src/agent/jobs/server-room.ts";
import type { Disk } from "../../../../src/agent/disk.ts";
import type { Restore } from "../../../../src/agent/jobs/restore-subject.ts";

const GB = 2 ** 30;

const restoreOf = (disk: Disk | null, sizeBytes: number | null): Restore =>
  ({
    record: null,
    database: "app",
    snapshot: { sizeBytes },
    server: { disk: async () => disk },
  }) as unknown as Restore;

test("a restore leaves a reserve for the server's log", async () => {
  const disk = { free: 50 * GB, total: 100 * GB };
  expect(await hasServerRoom(restoreOf(disk, 48 * GB))).toBe(true);
  expect(await hasServerRoom(restoreOf(disk, 49 * GB))).toBe(false);
  await expect(requireServerRoom(restoreOf(disk, 49 * GB))).rejects.toMatchObject({
    code: "restore.no-room",
    message: "app took 49 GB, and the server's disk has 50 GB free, of which 2 GB stay free",
  });
});

test("of a small disk the reserve is a tenth", async () => {
  const disk = { free: 0.2 * GB, total: GB };
  expect(await hasServerRoom(restoreOf(disk, 0.09 * GB))).toBe(true);
  expect(await hasServerRoom(restoreOf(disk, 0.11 * GB))).toBe(false);
});

test("where nobody can tell how much is free or needed, it goes on", async () => {
  expect(await hasServerRoom(restoreOf(null, GB))).toBe(true);
  expect(await hasServerRoom(restoreOf({ free: 0, total: GB }, null))).toBe(true);
});
