import { closeSync, openSync, readSync } from "node:fs";

/** Versions as PostgreSQL prints them: `17.2 (Debian 17.2-1.pgdg12+1)`. */
export interface ArchiveHead {
  /** Of the server that was dumped. */
  readonly server: string;
  /** Of the pg_dump that wrote it: an older pg_restore may not read it. */
  readonly dumpedBy: string;
}

/** More than the head takes, in bytes: its only long part is the database's name. */
const MOST = 4096;

/** Of broken-down time, in integers: from seconds to daylight saving. */
const TIME = 7;

/**
 * What the head of a custom archive of pg_dump says, also where the pg_restore of this machine cannot read it; null where
 * it is another file. As ReadHead in src/bin/pg_dump/pg_backup_archiver.c.
 */
export function readArchiveHead(file: string): ArchiveHead | null {
  const bytes = beginning(file);
  if (bytes.toString("latin1", 0, 5) !== "PGDMP") return null;
  const [minor = 0, intBytes = 0] = [bytes[6], bytes[8]];
  // Of each integer the first byte is the sign; the lowest byte of the number comes next.
  const length = (at: number) => (bytes[at] === 0 && at + 3 <= bytes.length ? bytes.readUInt16LE(at + 1) : 0);
  const after = (at: number) => at + 1 + intBytes + length(at);
  const text = (at: number) => bytes.toString("utf8", at + 1 + intBytes, after(at));
  // From 1.15 on the compression is one byte, and an integer before.
  const time = 11 + (minor >= 15 ? 1 : 1 + intBytes);
  const server = after(time + TIME * (1 + intBytes));
  const dumpedBy = after(server);
  return { server: text(server), dumpedBy: text(dumpedBy) };
}

function beginning(path: string): Buffer {
  const file = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(MOST);
    return bytes.subarray(0, readSync(file, bytes));
  } finally {
    closeSync(file);
  }
}
