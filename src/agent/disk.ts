import { statfs } from "node:fs/promises";

/** A file system that must not run full, as production may be on it. In bytes. */
export interface Disk {
  readonly free: number;
  readonly total: number;
}

const SHARE = 0.05;
const LEAST_BYTES = 512 * 2 ** 20;
/** No more of a small disk. */
const MOST_SHARE = 0.1;
const MOST_BYTES = 2 * 2 ** 30;

/** What stays free, for a server's log and whoever else writes there: 5 %, but at least 512 MB (of a small disk 10 %) and at most 2 GB. */
export function reserveOf({ total }: Disk): number {
  return Math.min(Math.max(total * SHARE, Math.min(LEAST_BYTES, total * MOST_SHARE)), MOST_BYTES);
}

/** Whether so many bytes fit without the reserve. */
export function fits(bytes: number, disk: Disk): boolean {
  return bytes + reserveOf(disk) <= disk.free;
}

/** The disk of a directory. */
export async function diskOf(directory: string): Promise<Disk> {
  const { bavail, blocks, bsize } = await statfs(directory);
  return { free: bavail * bsize, total: blocks * bsize };
}
