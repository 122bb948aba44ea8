import { randomBytes } from "node:crypto";
import { mkdir, open, readFile, realpath, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Failure } from "../errors.ts";

/**
 * Writes a file of the checkout so that it is at any time either as it was or as it shall be; its mode is kept. True
 * when it was written, false when it is `after` already.
 * @throws Failure `files.changed` when it is neither `before` (null: absent) nor `after`.
 */
export async function editFile(path: string, before: string | null, after: string): Promise<boolean> {
  const current = await readOrNull(path);
  if (current === after) return false;
  if (current !== before) {
    throw new Failure("files.changed", `${path} has changed since the plan was made`, { where: path });
  }
  await mkdir(dirname(path), { recursive: true });
  await replaceFile(current === null ? path : await realpath(path), after);
  return true;
}

/**
 * Takes an edit back.
 * @throws Failure `files.changed` when the file is no longer what the edit made of it.
 */
export async function undoEdit(path: string, before: string | null, after: string): Promise<void> {
  if (before !== null) {
    await editFile(path, after, before);
    return;
  }
  const current = await readOrNull(path);
  if (current !== null && current !== after) {
    throw new Failure("files.changed", `${path} has changed since apply wrote it`, { where: path });
  }
  await rm(path, { force: true });
}

async function readOrNull(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new Failure("files.unreadable", `cannot read ${path}`, { where: path, cause: error });
  }
}

async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = join(dirname(path), `.kamal-backup-${randomBytes(6).toString("hex")}`);
  try {
    const mode = await modeOf(path);
    const file = await open(temporary, "wx", mode);
    try {
      await file.chmod(mode);
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncDirectory(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw new Failure("files.unwritable", `cannot write ${path}`, { where: path, cause: error });
  }
}

async function modeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).mode & 0o7777;
  } catch {
    return 0o644;
  }
}

/** A rename is on disk only when its directory is. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
