import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeWhole } from "../write-whole.ts";

/** What this agent remembers of a repository, in its state directory. */
export interface Known {
  /** With which it was first seen; null: it never was. */
  readonly id: string | null;
  /** Snapshots of backups that failed all the same (restic's exit status 3), which are still to be forgotten. */
  readonly unfit: readonly string[];
}

/** The directory for what is remembered of repositories; made where it is missing. */
export function repositoriesDirectory(stateDirectory: string): string {
  const directory = join(stateDirectory, "repositories");
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return directory;
}

export function readKnown(stateDirectory: string, name: string): Known {
  let text: string;
  try {
    text = readFileSync(fileOf(stateDirectory, name), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { id: null, unfit: [] };
    throw error;
  }
  return JSON.parse(text) as Known;
}

/** Remembers these; the others stay. */
export function remember(stateDirectory: string, name: string, change: Partial<Known>): void {
  const known = { ...readKnown(stateDirectory, name), ...change };
  writeWhole(fileOf(stateDirectory, name), `${JSON.stringify(known)}\n`);
}

function fileOf(stateDirectory: string, name: string): string {
  return join(repositoriesDirectory(stateDirectory), `${name}.json`);
}
