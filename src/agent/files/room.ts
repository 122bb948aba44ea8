import { existsSync, statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { Failure } from "../../errors.ts";
import { showBytes } from "../../model/bytes.ts";
import { fits, reserveOf } from "../disk.ts";

/** What is going to be written below a directory, which may not be there yet. */
export interface Need {
  readonly root: string;
  readonly bytes: number;
}

/**
 * Whether all of this fits beside what is there: a full disk stops the app, and whatever else writes to it.
 * @throws Failure `restore.no-room`
 */
export function requireRoom(needs: readonly Need[]): void {
  for (const together of Map.groupBy(needs, ({ root }) => statSync(nearest(root)).dev).values()) {
    const [{ root } = { root: "/" }] = together;
    const { bavail, blocks, bsize } = statfsSync(nearest(root));
    const disk = { free: bavail * bsize, total: blocks * bsize };
    const needed = together.reduce((sum, { bytes }) => sum + bytes, 0);
    if (fits(needed, disk)) continue;
    throw new Failure(
      "restore.no-room",
      `the files to restore take ${showBytes(needed)}, and ${showBytes(disk.free)} are free where they go, of which ${showBytes(reserveOf(disk))} stay free`,
      { where: together.map((need) => need.root).join(", ") },
    );
  }
}

function nearest(path: string): string {
  return existsSync(path) ? path : nearest(dirname(path));
}
