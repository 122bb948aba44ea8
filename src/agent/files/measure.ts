import { lstat, opendir } from "node:fs/promises";
import { join, relative } from "node:path";

/** Regular files below a directory. */
export interface Measured {
  /** Their paths relative to the directory. */
  readonly files: ReadonlySet<string>;
  readonly bytes: number;
}

/** Looks at everything below a directory, and follows no link. */
export async function measure(directory: string): Promise<Measured> {
  const files = new Set<string>();
  let bytes = 0;
  const pending = [directory];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for await (const entry of await opendir(next)) {
      const path = join(next, entry.name);
      if (entry.isDirectory()) pending.push(path);
      if (!entry.isFile()) continue;
      files.add(relative(directory, path));
      bytes += (await lstat(path)).size;
    }
  }
  return { files, bytes };
}

/** What differs between the files that a snapshot lists and those that came back, in words; null: nothing. */
export function differenceOf(listed: ReadonlySet<string>, found: ReadonlySet<string>): string | null {
  const missing = [...listed].filter((path) => !found.has(path));
  const added = [...found].filter((path) => !listed.has(path));
  if (missing.length === 0 && added.length === 0) return null;
  const example = missing[0] ?? added[0];
  return `${listed.size} files are in the snapshot, ${found.size} came back; for example ${example}`;
}
