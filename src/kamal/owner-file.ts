import { Failure } from "../errors.ts";
import { parseManifest, valueAt } from "./manifest.ts";

/** One of the files that Kamal merges. */
export interface DeployFile {
  readonly path: string;
  readonly text: string;
}

/**
 * The path of the file in which a key of an accessory is to be edited, of deploy.yml and, with a destination, its file.
 * Kamal merges mappings deep and lets the later file win: that one, where it has the key or where only it has the
 * accessory. A new accessory belongs to the destination. Throws `manifest.refused` for a file that cannot be parsed.
 */
export function ownerFile(
  files: readonly DeployFile[],
  accessory: string,
  keyPath: readonly string[],
): string {
  const blocks = files.map(({ path, text }) => {
    const manifest = parseManifest(text);
    if ("error" in manifest) {
      throw new Failure("manifest.refused", `${path} cannot be parsed: ${manifest.error}`, {
        where: `${path}:${manifest.line}`,
      });
    }
    return { path, block: valueAt(manifest.value, ["accessories", accessory]) };
  });
  const having = blocks.filter(({ block }) => block !== undefined);
  const decides = having.findLast(({ block }) => overrides(block, keyPath)) ?? having[0] ?? blocks.at(-1);
  if (decides === undefined) throw new Failure("internal.bug", "there is no deploy.yml to edit");
  return decides.path;
}

/** The block has the key, or something on the way to it that is not a mapping and so replaces what is below. */
function overrides(block: unknown, keyPath: readonly string[]): boolean {
  let at = block;
  for (const key of keyPath) {
    if (typeof at !== "object" || at === null || Array.isArray(at)) return true;
    if (!Object.hasOwn(at, key)) return false;
    at = (at as Record<string, unknown>)[key];
  }
  return true;
}
