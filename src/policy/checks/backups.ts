import type { Diagnostic } from "../diagnostic.ts";
import type { Backup } from "../document.generated.ts";
import type { PolicySource } from "../source.ts";
import { suggest } from "../suggest.ts";

/** Every backup, of databases and files, with what it belongs to. */
export function backups(
  source: PolicySource,
): readonly { readonly owner: object; readonly backup: Backup }[] {
  const { databases = {}, files = {} } = source.document;
  return [...Object.values(databases), ...Object.values(files)].flatMap((owner) =>
    owner.backup === undefined ? [] : [{ owner, backup: owner.backup }],
  );
}

/** A drill restores a backup: there is one. */
export function drillHasBackup(source: PolicySource): readonly Diagnostic[] {
  return Object.values(source.document.databases ?? {})
    .filter((database) => database.drill !== undefined && !source.declares(database, "backup"))
    .map((database) =>
      source.errorAtKey([database, "drill"], "a drill without a backup", { expected: "`backup` beside it" }),
    );
}

/** Every repository that is named is declared. */
export function repositoryExists(source: PolicySource): readonly Diagnostic[] {
  const declared = source.keysAt("repositories");
  return backups(source)
    .filter(({ backup }) => !declared.includes(backup.repository))
    .map(({ backup }) =>
      source.error([backup, "repository"], `no repository \`${backup.repository}\` is declared`, {
        expected: declared.length > 0 ? declared.join(", ") : "a repository under `repositories`",
        suggestion: suggest(backup.repository, declared),
      }),
    );
}

/** A retention keeps at least the latest backup. */
export function retentionKeeps(source: PolicySource): readonly Diagnostic[] {
  return backups(source).flatMap(({ backup }) => {
    const { retention } = backup;
    if (retention === undefined) return [];
    // A key that the schema refused may have been meant to keep something.
    if (source.keysOf(retention).some((key) => (retention as Record<string, unknown>)[key] !== 0)) return [];
    return source.errorAtKey([backup, "retention"], "this retention keeps nothing", {
      expected: "at least one of last, hourly, daily, weekly, monthly, yearly above 0, or within",
    });
  });
}

/** What is never forgotten leaves nothing to prune. */
export function pruneHasRetention(source: PolicySource): readonly Diagnostic[] {
  return backups(source)
    .filter(({ backup }) => backup.prune !== undefined && !source.declares(backup, "retention"))
    .map(({ backup }) =>
      source.errorAtKey([backup, "prune"], "a prune without a retention: no backup is ever forgotten", {
        expected: "`retention` beside it",
      }),
    );
}
