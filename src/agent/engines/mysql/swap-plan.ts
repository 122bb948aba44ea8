import { identifier } from "../../../tools/mariadb/sql.ts";

/** The three databases of a swap. */
export interface Databases {
  readonly live: string;
  readonly restored: string;
  readonly kept: string;
}

/** The tables and sequences, not views, that each of them has right now. */
export type Present = Readonly<Record<keyof Databases, ReadonlySet<string>>>;

/** The tables and sequences that were to be exchanged when the swap began. */
export interface Exchanged {
  readonly old: readonly string[];
  readonly fresh: readonly string[];
}

/**
 * The one statement that moves the old tables away and the new ones in; null where nothing is left to move. It goes by
 * what is there, so it is right again where an earlier one was done, or half done (before MariaDB 10.6, when the server
 * itself crashed in it).
 */
export function renameStatement(
  databases: Databases,
  { old, fresh }: Exchanged,
  present: Present,
): string | null {
  const { live, restored, kept } = present;
  const outdated = new Set(old.filter((name) => !fresh.includes(name)));
  const away = [...live].filter((name) => !kept.has(name) && (restored.has(name) || outdated.has(name)));
  const moves = [
    ...away.sort().map((name) => move(databases.live, databases.kept, name)),
    ...[...restored].sort().map((name) => move(databases.restored, databases.live, name)),
  ];
  return moves.length === 0 ? null : `RENAME TABLE ${moves.join(", ")};`;
}

function move(from: string, to: string, name: string): string {
  const table = identifier(name);
  return `${identifier(from)}.${table} TO ${identifier(to)}.${table}`;
}
