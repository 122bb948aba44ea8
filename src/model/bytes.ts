const UNITS = ["B", "kB", "MB", "GB", "TB"] as const;

/** Bytes in Postgres' units (1 kB is 1024 bytes), to three digits: 1.5 GB. */
export function showBytes(bytes: number): string {
  const power = Math.min(UNITS.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10));
  return `${Number((bytes / 1024 ** power).toPrecision(3))} ${UNITS[power]}`;
}
