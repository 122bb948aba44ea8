import { posix } from "node:path";
import { Failure } from "../../errors.ts";
import type { Snapshot } from "../repository/snapshot.ts";
import type { ChosenPath } from "./choose-path.ts";

/**
 * Where a labelled path is in a snapshot. In ours it is at the same place. The gem backed files up where its own
 * container had them, such as `/data/storage`: that is meant whose last part is the label, or which the gem labelled so
 * (`data-storage`), or else the only one where the target has one label.
 * @throws Failure `restore.no-such-path`
 */
export function pathInSnapshot(
  { paths, target }: Pick<Snapshot, "paths" | "target">,
  { label, path }: Pick<ChosenPath, "label" | "path">,
  labels: number,
): string {
  if (target !== null || paths.includes(path)) return path;
  const named = paths.filter((one) => posix.basename(one) === label || gemsLabel(one) === label);
  const [only, ...others] = named.length === 0 && labels === 1 ? paths : named;
  if (only !== undefined && others.length === 0) return only;
  throw new Failure(
    "restore.no-such-path",
    `which of the gem's paths is ${label}? Its snapshot has ${paths.join(", ")}`,
    {
      where: label,
      todo: `Call the path in the policy as the gem did, such as \`${gemsLabel(paths[0] ?? "")}\`, or take it to this machine with \`restore local\`.`,
    },
  );
}

/** As the gem 1.1.0 labels a path (its `backup_path_label`). */
function gemsLabel(path: string): string {
  return path.replace(/^\/+/, "").replaceAll(/[^A-Za-z0-9_.-]+/g, "-") || "root";
}
