import type { KamalConfig } from "../kamal/types.ts";
import type { ManifestEdit } from "../model/topology.ts";

/**
 * The edits after which a list of an accessory that is all ours holds these items and no others. A list that only lacks
 * some is added to, so that the rest of its text stays.
 */
export function exactList(
  config: KamalConfig,
  accessory: string,
  path: readonly string[],
  items: readonly string[],
): ManifestEdit[] {
  const there = config.rawKey(accessory, path);
  const isOther =
    there !== undefined && !(Array.isArray(there) && there.every((item) => items.includes(item)));
  const emptied = isOther || (there !== undefined && items.length === 0);
  return [
    ...(emptied ? [{ path, remove: true as const }] : []),
    ...(items.length > 0 ? [{ path, contains: items }] : []),
  ];
}
