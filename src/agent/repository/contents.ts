import { mkdirSync } from "node:fs";
import { COMMANDS } from "../../tools/restic/commands.ts";
import { type ListedFile, parseListedFile } from "../../tools/restic/listings.ts";
import { parseProgress } from "../../tools/restic/messages.ts";
import type { AgentContext } from "../context.ts";
import type { Restic } from "./restic.ts";

/** The files in a snapshot. */
export async function listFiles(restic: Restic, snapshotId: string): Promise<readonly ListedFile[]> {
  const files: ListedFile[] = [];
  await restic.run(COMMANDS.list(snapshotId), {
    toDo: `list what is in snapshot ${snapshotId.slice(0, 8)}`,
    onStdoutLine: (line) => {
      const file = parseListedFile(line);
      if (file !== null) files.push(file);
    },
  });
  return files;
}

/** A small file of a snapshot. */
export async function readTextFile(restic: Restic, snapshotId: string, path: string): Promise<string> {
  const toDo = `read ${path} of snapshot ${snapshotId.slice(0, 8)}`;
  return (await restic.run(COMMANDS.dump(snapshotId, path), { toDo })).stdout;
}

/** See `Repository.restoreTo`. */
export async function restoreBelow(
  restic: Restic,
  context: AgentContext,
  snapshotId: string,
  path: string | null,
  directory: string,
): Promise<void> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const what = `snapshot ${snapshotId.slice(0, 8)}`;
  await restic.run(COMMANDS.restore(snapshotId, path, directory), {
    toDo: `restore ${path ?? "all"} of ${what}`,
    onStdoutLine: (line) => {
      const progress = parseProgress(line);
      if (progress !== null) context.progress({ phase: `restoring files of ${what}`, ...progress });
    },
  });
}
