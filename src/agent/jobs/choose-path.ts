import { posix } from "node:path";
import { Failure } from "../../errors.ts";

/** A labelled path, or something below it. */
export interface ChosenPath {
  readonly label: string;
  /** Of the label, absolute. */
  readonly path: string;
  /** Below it, relative; null: all of it. */
  readonly part: string | null;
}

/** Labels and their paths as restic has them: without a slash at their end. */
export function labelledPaths(paths: Readonly<Record<string, string>>): readonly Omit<ChosenPath, "part">[] {
  return Object.entries(paths).map(([label, path]) => ({ label, path: withoutSlash(path) }));
}

/**
 * What of a target's files is meant.
 * @param paths label to absolute path
 * @param asked an absolute path, `label`, or `label/below`; null: everything
 * @throws Failure `restore.no-such-path`
 */
export function choosePaths(
  paths: Readonly<Record<string, string>>,
  asked: string | null,
): readonly ChosenPath[] {
  const all = labelledPaths(paths).map((one) => ({ ...one, part: null }));
  if (asked === null) return all;
  const wanted = withoutSlash(asked);
  for (const { label, path } of all) {
    const below = [path, label].map((base) => posix.relative(`/${base}`, `/${wanted}`));
    const part = below.find((one) => one !== ".." && !one.startsWith("../"));
    if (part !== undefined) return [{ label, path, part: part === "" ? null : part }];
  }
  const known = all.map(({ label, path }) => `${label} (${path})`).join(", ");
  throw new Failure("restore.no-such-path", `${asked} is not below any of: ${known}`);
}

function withoutSlash(path: string): string {
  return posix.normalize(path).replace(/(?<=.)\/$/, "");
}
