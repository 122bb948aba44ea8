/**
 * Ends the process once everything printed has been taken: a pipe holds 64 kB, and `process.exit` drops what waits to
 * get in (nodejs.org/api/process.html, "A note on process I/O"). A reader that went away has taken everything.
 */
export function exitWhenWritten(status: number): void {
  const open = new Set([process.stdout, process.stderr]);
  for (const stream of [...open]) {
    stream.write("", () => {
      open.delete(stream);
      if (open.size === 0) process.exit(status);
    });
  }
}
