import { Failure } from "../../errors.ts";
import { showBytes } from "../../model/bytes.ts";
import { fits, reserveOf } from "../disk.ts";
import { sizeOf } from "./compare-restored.ts";
import type { Restore } from "./restore-subject.ts";

/** Whether the database fits on the server's disk beside what is there now; true where nobody can tell. */
export async function hasServerRoom(restore: Restore): Promise<boolean> {
  return (await shortageOf(restore)) === null;
}

/**
 * A server whose disk runs full stops, and takes production with it.
 * @throws Failure `restore.no-room`
 */
export async function requireServerRoom(restore: Restore): Promise<void> {
  const shortage = await shortageOf(restore);
  if (shortage !== null) throw new Failure("restore.no-room", shortage);
}

/** In words; null: there is room, or nobody can tell. */
async function shortageOf({ server, record, snapshot, database }: Restore): Promise<string | null> {
  const disk = (await server.disk?.()) ?? null;
  const needed = sizeOf(record, database, snapshot);
  if (disk === null || needed === null || fits(needed, disk)) return null;
  const free = `has ${showBytes(disk.free)} free, of which ${showBytes(reserveOf(disk))} stay free`;
  return `${database} took ${showBytes(needed)}, and the server's disk ${free}`;
}
