/** The beginning of a database file that says how long it is. */
export const HEADER_BYTES = 100;

const MAGIC = "SQLite format 3\0";

/**
 * Length of a database file by its own header, in bytes: page size at offset 16 (1 stands for 65,536), pages at offset
 * 28 (sqlite.org/fileformat.html). Null where it is no database.
 */
export function sizeByHeader(head: Buffer): number | null {
  if (head.length < HEADER_BYTES || head.toString("latin1", 0, MAGIC.length) !== MAGIC) return null;
  const page = head.readUInt16BE(16);
  return (page === 1 ? 65_536 : page) * head.readUInt32BE(28);
}
