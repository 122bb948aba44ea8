import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isKept, workplaceIn } from "./names.ts";

/**
 * Absolute paths of what earlier restores kept of labelled paths, oldest first. What was kept of one that is a single
 * file, or is not there any more, is beside it: only directories that hold nothing but such files are theirs, as another
 * restore may have worked there.
 */
export function keptOf(paths: readonly string[]): readonly string[] {
  const files = paths.filter((path) => !isDirectory(path));
  const beside = [...Map.groupBy(files, dirname)].flatMap(([directory, group]) => {
    const names = group.map((path) => basename(path));
    return keptIn(directory).filter((kept) => isOnlyOf(names, readdirSync(kept)));
  });
  return [...new Set([...paths.flatMap(keptIn), ...beside])];
}

/**
 * The directories in which an exchange of labelled paths is not at its end: what was kept there may be all that is left
 * of live files.
 */
export function unfinishedOf(paths: readonly string[]): readonly string[] {
  const roots = paths.map((path) => (isDirectory(path) ? path : dirname(path)));
  return [...new Set(roots)].filter((root) => existsSync(workplaceIn(root).journal));
}

/** What restores kept that worked in this directory; none where it is no directory. */
function keptIn(directory: string): readonly string[] {
  if (!isDirectory(directory)) return [];
  return readdirSync(directory)
    .filter(isKept)
    .sort()
    .map((name) => join(directory, name));
}

/** A further one of a name has a number: see `exchange`. */
function isOnlyOf(names: readonly string[], found: readonly string[]): boolean {
  return (
    found.length > 0 && found.every((one) => names.includes(one) || names.includes(one.replace(/\.\d+$/, "")))
  );
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
