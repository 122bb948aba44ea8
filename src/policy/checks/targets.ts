import type { Diagnostic } from "../diagnostic.ts";
import type { PolicySource } from "../source.ts";
import { backups } from "./backups.ts";

/** Something has to take the backups. Said once, at the first of them. */
export function backupHasAgent(source: PolicySource): readonly Diagnostic[] {
  const [first] = backups(source);
  if (first === undefined || source.keysAt("agent").length > 0) return [];
  return [
    source.errorAtKey([first.owner, "backup"], "a backup without an agent that takes it", {
      expected: "`agent: { image: … }` at the top level",
    }),
  ];
}

/** Commands, tags and the ledger name a database and a set of files alike. */
export function targetNamesDiffer(source: PolicySource): readonly Diagnostic[] {
  const { databases = {}, files = {} } = source.document;
  return Object.keys(files)
    .filter((name) => Object.hasOwn(databases, name))
    .map((name) =>
      source.errorAtKey([files, name], `\`${name}\` is a database already`, { expected: "another name" }),
    );
}

/** A SQLite database is no accessory: the policy says where it is. Any other is one: deploy.yml says so. */
export function onlySqliteIsPlaced(source: PolicySource): readonly Diagnostic[] {
  const { databases = {} } = source.document;
  return Object.entries(databases).flatMap(([name, database]) => {
    const keys = ["host", "path"] as const;
    if (database.engine === "sqlite") {
      return keys
        .filter((key) => !source.declares(database, key))
        .map((key) =>
          source.errorAtKey([databases, name], `a sqlite database without \`${key}\``, {
            expected: "`host` and `path` of the database file",
          }),
        );
    }
    return keys
      .filter((key) => source.declares(database, key))
      .map((key) =>
        source.errorAtKey([database, key], `\`${key}\` is for sqlite: deploy.yml says where this one is`),
      );
  });
}

/** A SQLite file is one database. */
export function sqliteHasOneDatabase(source: PolicySource): readonly Diagnostic[] {
  return Object.values(source.document.databases ?? {}).flatMap(({ engine, drill }) =>
    engine !== "sqlite"
      ? []
      : (drill?.assertions ?? [])
          .filter((assertion) => assertion.database !== undefined)
          .map((assertion) =>
            source.errorAtKey(
              [assertion, "database"],
              "`database` is for servers: this file is one database",
            ),
          ),
  );
}
