/** The entries of a map in the order of their names: the same for keys in any order. */
export function byName<Item>(map: Readonly<Record<string, Item>> | undefined): [string, Item][] {
  return Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
}
