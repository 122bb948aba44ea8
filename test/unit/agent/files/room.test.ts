import { existsSync, mkdirSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { workplaceIn } from "../../../../src/agent/files/names.ts";
import { type FileSource, needOf } from "../../../../src/agent/files/restore-path.ts";
import { requireRoom } from "../../../../src/agent/files/room.ts";
import { aStateDirectory } from "../a-state-directory.ts";
import { anAgent } from "../an-agent.ts";

function sourceIn(root: string): FileSource {
  const file = (path: string, bytes: number, inode: number) => ({ path: join(root, path), bytes, inode });
  return {
    list: async () => [
      file("top", 100, 1),
      file("a/one", 20, 2),
      file("a/the-same", 20, 2),
      file("a/two", 3, 3),
      { path: `${root}2/other`, bytes: 5000, inode: 4 },
    ],
    restoreTo: () => Promise.reject(new Error("nothing is restored")),
  };
}

test("a restore needs what is fetched for it, hard links once, and no room for a killed one's copy", async () => {
  const root = aStateDirectory();
  const context = anAgent();
  const need = (part: string | null) =>
    needOf(sourceIn(root), { snapshotId: "1".repeat(64), path: root, part, stamp: "s" }, context);
  const { directory, fresh } = workplaceIn(root);
  mkdirSync(fresh, { recursive: true });
  writeFileSync(join(fresh, "half"), "half");
  expect(await need(null)).toEqual({ root, bytes: 3 * 4096 });
  expect(existsSync(directory)).toBe(false);
  // It comes with its neighbours.
  expect(await need("a/two")).toEqual({ root, bytes: 2 * 4096 });
  await expect(need("nowhere")).rejects.toMatchObject({ code: "restore.failed" });
});

test("restores that do not fit on a file system together are refused, also where the directory is not there", () => {
  const root = aStateDirectory();
  const absent = join(root, "not/there");
  const { bavail, bsize } = statfsSync(root);
  const most = 0.75 * bavail * bsize;
  expect(() => requireRoom([{ root, bytes: most }])).not.toThrow();
  expect(() => requireRoom([{ root: absent, bytes: most }])).not.toThrow();
  expect(() =>
    requireRoom([
      { root, bytes: most },
      { root: absent, bytes: most },
    ]),
  ).toThrow(expect.objectContaining({ code: "restore.no-room", where: `${root}, ${absent}` }));
});
