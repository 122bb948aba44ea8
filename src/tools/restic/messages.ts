/** How far restic says that it is. */
export interface ResticProgress {
  readonly bytes: number;
  /** Null: it does not know yet, or never (stdin). */
  readonly totalBytes: number | null;
}

/** The last word of a backup. */
export interface BackupSummary {
  readonly snapshotId: string;
  /** Of the source. */
  readonly bytes: number;
  /** Added to the repository, compressed. */
  readonly addedBytes: number;
}

/** What a line of restic's stdout says; null: nothing of these. */
export function parseProgress(line: string): ResticProgress | null {
  const message = parseLine(line);
  if (message?.["message_type"] !== "status") return null;
  const total = message["total_bytes"];
  const bytes = message["bytes_done"] ?? message["bytes_restored"];
  return {
    bytes: typeof bytes === "number" ? bytes : 0,
    totalBytes: typeof total === "number" && total > 0 ? total : null,
  };
}

export function parseSummary(line: string): BackupSummary | null {
  const message = parseLine(line);
  const snapshotId = message?.["snapshot_id"];
  if (message?.["message_type"] !== "summary" || typeof snapshotId !== "string") return null;
  return {
    snapshotId,
    bytes: Number(message["total_bytes_processed"] ?? 0),
    addedBytes: Number(message["data_added_packed"] ?? 0),
  };
}

/**
 * restic's stderr, taken apart. It gives on what a producer (`--stdin-from-command`) writes to its stderr line by line
 * as `subprocess <program>: <line>`, and says its own things as JSON.
 */
export interface ResticWords {
  /** The producer's own lines. */
  readonly producer: string;
  /** restic's: its last word first, then its errors, then what it retried. */
  readonly restic: string;
}

export function parseStderr(stderr: string): ResticWords {
  const producer: string[] = [];
  const last: string[] = [];
  const errors: string[] = [];
  const others: string[] = [];
  for (const line of stderr.split("\n").filter((text) => text.trim() !== "")) {
    const own = /^subprocess [^:]+: (.*)$/.exec(line);
    const message = parseLine(line);
    if (own?.[1] !== undefined) producer.push(own[1]);
    else if (message?.["message_type"] === "exit_error") last.push(tidy(message["message"]));
    else if (message?.["message_type"] === "error") errors.push(errorOf(message));
    else if (!line.includes("signal interrupt received")) others.push(line);
  }
  const restic = [...last, ...errors.slice(0, 20), ...others.slice(-5)];
  return { producer: producer.join("\n"), restic: [...new Set(restic)].join("\n") };
}

function errorOf(message: Record<string, unknown>): string {
  const error = message["error"];
  if (typeof error !== "object" || error === null) return tidy(message["message"] ?? error);
  return tidy((error as Record<string, unknown>)["message"]);
}

function tidy(text: unknown): string {
  return String(text ?? "")
    .trim()
    .replace(/^(Fatal: )+/, "");
}

function parseLine(line: string): Record<string, unknown> | null {
  if (!line.startsWith("{")) return null;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return null;
  }
}
