/** How long a statement waits for another process's lock. */
export const BUSY_MS = 30_000;

/**
 * Options of the shell: no ~/.sqliterc, no prompt, stops at the first error and exits with a status. The script comes
 * over stdin. A database that is not there is an error: without `mode=rw` the shell would make an empty one.
 * @param database absolute path.
 */
export function shellArgv(database: string, ...options: readonly string[]): string[] {
  const uri = database.split("/").map(encodeURIComponent).join("/");
  return ["-batch", "-bail", "-init", "/dev/null", ...options, `file:${uri}?mode=rw`];
}

/** A name as SQL writes it. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** An argument of a dot command: in double quotes with backslash escapes. */
export function dotArgument(value: string): string {
  return `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}

/** Rows of one query under `-json`: nothing at all where there are none. */
export function parseJsonRows(output: string): Record<string, unknown>[] {
  const text = output.trim();
  return text === "" ? [] : (JSON.parse(text) as Record<string, unknown>[]);
}
