import { posix } from "node:path";
import type { FileSource } from "./restore-path.ts";

/**
 * A source that has what is at `from` in its snapshots at `to`, and nothing else: for snapshots of a machine or a
 * container where the same files lay elsewhere. Both are absolute.
 */
export function relocated(source: FileSource, from: string, to: string): FileSource {
  return {
    list: async (snapshotId) =>
      (await source.list(snapshotId))
        .filter(({ path }) => path === from || path.startsWith(`${from}/`))
        .map((file) => ({ ...file, path: to + file.path.slice(from.length) })),
    restoreTo: (snapshotId, path, directory) =>
      source.restoreTo(snapshotId, posix.join(from, posix.relative(to, path)), directory),
  };
}
