import { existsSync, linkSync, renameSync, rmSync } from "node:fs";
import { Failure } from "../../errors.ts";
import { SIDE_FILES } from "../../tools/sqlite/side-files.ts";
import { asideName, inTheWay } from "./local-place.ts";

/**
 * Renames a SQLite database in the way of a restore together with its side files, which SQLite would take for those of
 * the restored one; gives the new names. What was set aside is a whole database, with what was committed to its WAL.
 *
 * The side files get their new names as well before the database has its own, and lose the old ones after it: wherever
 * this is cut short, all that belongs to the database is beside it under the name that it has then.
 * @throws Failure `local.not-empty`, `files.unwritable`.
 */
export function moveDatabaseAside(path: string, replace: boolean, now: Date): readonly string[] {
  const isThere = (suffix: string) => existsSync(path + suffix);
  const there = ["", ...SIDE_FILES].filter(isThere);
  if (there.length === 0) return [];
  if (!replace) throw inTheWay(path + there[0]);
  const aside = asideName(path, now);
  for (const side of SIDE_FILES.filter(isThere)) giveSecondName(path, side, aside);
  if (isThere("")) renameSync(path, aside);
  // Renamed too: one that was made anew meanwhile is the right one. Of two names of one file this leaves both.
  for (const side of SIDE_FILES.filter(isThere)) {
    renameSync(path + side, aside + side);
    rmSync(path + side, { force: true });
  }
  return ["", ...SIDE_FILES].map((suffix) => aside + suffix).filter((name) => existsSync(name));
}

function giveSecondName(path: string, side: string, aside: string): void {
  try {
    linkSync(path + side, aside + side);
  } catch (error) {
    throw new Failure("files.unwritable", `cannot move ${path}${side} aside: ${(error as Error).message}`, {
      where: path + side,
      todo: `Nothing was moved. Stop what has ${path} open, so that it is one file, then run the restore again.`,
      cause: error,
    });
  }
}
