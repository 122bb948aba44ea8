import { expect, test } from "vitest";
import { isFull, roomFor, unlessFull } from "../../../../src/agent/jobs/drill-room.ts";
import { Failure } from "../../../../src/errors.ts";
import type { Facts } from "../../../../src/model/ledger.ts";
import { aStateDirectory } from "../a-state-directory.ts";
import { anAgent } from "../an-agent.ts";

const GB = 2 ** 30;
const ENOUGH = { needed: GB, free: 2 * GB };

test("a drill is short of room where its programs say so, it had too little, or it left next to none", () => {
  const words = [
    'pg_restore: error: could not extend file "base/16384/16390": No space left on device',
    "ERROR 1114 (HY000) at line 40: The table 'orders' is full",
    'Got error 28 "No space left on device" from storage engine InnoDB',
    "Error: database or disk is full",
  ];
  for (const one of words) expect(isFull(one, ENOUGH, GB), one).toBe(true);
  const closed = "server closed the connection unexpectedly";
  expect(isFull(closed, ENOUGH, 2 ** 20)).toBe(true);
  expect(isFull(closed, { needed: GB, free: GB - 1 }, GB)).toBe(true);
  expect(isFull(closed, ENOUGH, GB)).toBe(false);
  expect(isFull("the table is full of duplicates", { needed: null, free: GB }, GB)).toBe(false);
});

test("it is told with what it needs, and says nothing of the backup; any other failure stays what it is", async () => {
  const context = anAgent({ scratchDirectory: aStateDirectory() });
  const facts = [{ size_bytes: 3 * GB }, { size_bytes: GB }] as unknown as Facts[];
  const room = { ...(await roomFor({ facts, globals: null }, new Map(), context)), free: GB };
  expect(room.needed).toBe(4 * GB);
  const failed = new Failure("restore.failed", "app could not be restored", { detail: "connection lost" });
  expect(await unlessFull(failed, room, { run: "r" }, context)).toMatchObject({
    code: "drill.no-room",
    message:
      "the scratch directory is too small for this drill: the databases alone took 4 GB, and 1 GB were free",
    detail: "app could not be restored\nconnection lost",
    details: { run: "r", needed_bytes: 4 * GB, free_bytes: GB },
  });
  expect(await unlessFull(failed, { needed: null, free: GB }, {}, context)).toBe(failed);
});
