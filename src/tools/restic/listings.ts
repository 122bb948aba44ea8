/** A snapshot as restic lists it, whoever made it. */
export interface ResticSnapshot {
  /** 64 hexadecimal digits. */
  readonly id: string;
  readonly shortId: string;
  readonly time: Date;
  readonly host: string;
  readonly paths: readonly string[];
  /** As restic stores them: see `unescapeTag`. */
  readonly tags: readonly string[];
  /** Bytes of the source; null where the restic that made it (before 0.17) did not say. */
  readonly sizeBytes: number | null;
}

export interface ResticLock {
  readonly time: Date;
  readonly exclusive: boolean;
  readonly host: string;
  readonly pid: number;
}

/** Of `restic snapshots --json`, in restic's order. Throws SyntaxError for what is no JSON. */
export function parseSnapshots(stdout: string): readonly ResticSnapshot[] {
  const rows = (JSON.parse(stdout) ?? []) as readonly SnapshotRow[];
  return rows.map((row) => ({
    id: row.id,
    shortId: row.short_id ?? row.id.slice(0, 8),
    time: new Date(row.time),
    host: row.hostname ?? "",
    paths: row.paths ?? [],
    tags: row.tags ?? [],
    sizeBytes: row.summary?.total_bytes_processed ?? null,
  }));
}

interface SnapshotRow {
  readonly id: string;
  readonly short_id?: string;
  readonly time: string;
  readonly hostname?: string;
  readonly paths?: readonly string[];
  readonly tags?: readonly string[] | null;
  readonly summary?: { readonly total_bytes_processed?: number };
}

/** A file of a snapshot. */
export interface ListedFile {
  /** Absolute. */
  readonly path: string;
  readonly bytes: number;
  /** Where it was backed up: two paths with the same one were one file. */
  readonly inode: number | null;
}

/** The file in a line of `restic ls --json`; null: the line is of something else. */
export function parseListedFile(line: string): ListedFile | null {
  if (!line.startsWith("{")) return null;
  const row = JSON.parse(line) as {
    message_type?: string;
    struct_type?: string;
    type?: string;
    path?: string;
    size?: number;
    inode?: number;
  };
  const isNode = row.message_type === "node" || row.struct_type === "node";
  if (!isNode || row.type !== "file" || row.path === undefined) return null;
  return { path: row.path, bytes: row.size ?? 0, inode: row.inode ?? null };
}

/** Of `restic cat lock`. */
export function parseLock(stdout: string): ResticLock {
  const row = JSON.parse(stdout) as { time: string; exclusive?: boolean; hostname?: string; pid?: number };
  return {
    time: new Date(row.time),
    exclusive: row.exclusive === true,
    host: row.hostname ?? "",
    pid: row.pid ?? 0,
  };
}

/** The repository's id, of `restic cat config` or `restic init`; null where there is none. */
export function parseRepositoryId(stdout: string): string | null {
  try {
    const { id } = JSON.parse(stdout) as { id?: unknown };
    return typeof id === "string" && /^[0-9a-f]{64}$/.test(id) ? id : null;
  } catch {
    return null;
  }
}
