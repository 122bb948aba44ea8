import { closeSync, fsyncSync, openSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";

/** A database's name: its file's, without the extension. */
export function databaseName(path: string): string {
  return basename(path, extname(path));
}

/** The file of a database of that name beside the one at `path`. */
export function fileBeside(path: string, name: string): string {
  return join(dirname(path), `${encodeURIComponent(name)}${extname(path)}`);
}

/** The name of the database in a neighbour file, as `fileBeside` has it; raw where the file is somebody else's. */
export function databaseOf(path: string): string {
  const name = databaseName(path);
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** Makes what was written, or renamed in a directory, survive a loss of power. */
export function sync(path: string): void {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
