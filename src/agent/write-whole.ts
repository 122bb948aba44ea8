import { closeSync, fsyncSync, openSync, renameSync, writeSync } from "node:fs";

/** Writes a file of mode 0600 so that a reader, and a crash at any time, sees the old text or the new one, whole. */
export function writeWhole(path: string, text: string): void {
  const draft = `${path}.${process.pid}.new`;
  const file = openSync(draft, "w", 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(draft, path);
}
