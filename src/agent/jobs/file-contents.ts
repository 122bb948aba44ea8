import { lstat, opendir } from "node:fs/promises";
import { join } from "node:path";

/** What is at a path that is to be backed up. */
export type PathState = "missing" | "empty" | "files";

/**
 * Whether there is any file at or below a path; ends at the first. A symbolic link counts as missing: restic would store
 * the link, and nothing behind it.
 */
export async function pathState(path: string): Promise<PathState> {
  const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
    throw error;
  });
  if (found === null || found.isSymbolicLink()) return "missing";
  if (!found.isDirectory()) return "files";
  return (await hasFile(path)) ? "files" : "empty";
}

async function hasFile(directory: string): Promise<boolean> {
  const directories: string[] = [];
  for await (const entry of await opendir(directory)) {
    if (!entry.isDirectory()) return true;
    directories.push(join(directory, entry.name));
  }
  for (const below of directories) if (await hasFile(below)) return true;
  return false;
}
