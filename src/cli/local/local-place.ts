import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { Failure } from "../../errors.ts";
import { runLocal } from "./run-local.ts";

/** Nothing is removed: what is in the way of a restore is renamed. `now` is part of the new name. */
export function moveAside(path: string, replace: boolean, now: Date): string | null {
  if (isFree(path)) return null;
  if (!replace) throw inTheWay(path);
  const aside = asideName(path, now);
  renameSync(path, aside);
  return aside;
}

/** The failure of a restore without `--replace`. */
export function inTheWay(path: string): Failure {
  return new Failure("local.not-empty", `there is something at ${path}`, { where: path });
}

/** What is moved aside is called so from `now` on. */
export function asideName(path: string, now: Date): string {
  return `${path.replace(/\/+$/, "")}.before-${now.toISOString().replaceAll(/[-:]|\.\d+/g, "")}`;
}

function isFree(path: string): boolean {
  if (!existsSync(path)) return true;
  return statSync(path).isDirectory() && readdirSync(path).length === 0;
}

/**
 * Unpacks a tar archive of an agent's files so that each label is a directory in `directory`. Paths of other archives,
 * such as the gem's, stay as they are.
 * @throws Failure `local.*`, `files.unwritable`.
 */
export async function unpack(
  archive: string,
  directory: string,
  target: string,
  signal: AbortSignal,
): Promise<void> {
  const place = resolve(directory);
  mkdirSync(dirname(place), { recursive: true });
  const beside = join(dirname(place), `.${process.pid}.kamal-backup-unpacked`);
  rmSync(beside, { recursive: true, force: true });
  mkdirSync(beside, { mode: 0o700 });
  try {
    await runLocal({ program: "tar", argv: ["-x", "-f", archive, "-C", beside], env: {} }, "tar", { signal });
    const ours = join(beside, "backup", target);
    // An empty one only: nothing else is ever removed.
    if (existsSync(place)) rmdirSync(place);
    renameSync(existsSync(ours) ? ours : beside, place);
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
}
