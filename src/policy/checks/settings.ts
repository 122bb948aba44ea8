import type { Diagnostic } from "../diagnostic.ts";
import type { PolicySource } from "../source.ts";

/** Units as Postgres reads them, in their exact case (postgresql.org/docs/current/config-setting.html). */
const UNITS = ["B", "kB", "MB", "GB", "TB", "us", "ms", "s", "min", "h", "d"];

/** Senders and slots are enough for the replicas. */
export function settingsCarryReplicas(source: PolicySource): readonly Diagnostic[] {
  return Object.values(source.document.databases ?? {}).flatMap(({ settings = {}, replicas = {} }) => {
    const count = Object.keys(replicas).length;
    if (count === 0) return [];
    const found: Diagnostic[] = [];
    const least = (name: string, needed: number, why: string) => {
      const value = settings[name];
      if (value === undefined || Number(value) >= needed) return;
      found.push(
        source.error(
          [settings, name],
          `too small for ${count === 1 ? "the replica" : `${count} replicas`} declared`,
          {
            expected: `at least ${needed}: ${why}`,
          },
        ),
      );
    };
    // pg_basebackup with streamed WAL takes two senders (its manual, --wal-method=stream).
    least("max_wal_senders", count + 1, "one a replica, and a second one while a replica is cloned");
    least("max_replication_slots", count, "one a replica");
    if (settings["wal_level"] === "minimal") {
      found.push(
        source.error([settings, "wal_level"], "replicas cannot follow this", {
          expected: "replica, logical",
        }),
      );
    }
    return found;
  });
}

/** A unit in the wrong case is refused by Postgres, and the server then does not start. */
export function unitsAreRight(source: PolicySource): readonly Diagnostic[] {
  return Object.values(source.document.databases ?? {}).flatMap(({ settings = {} }) =>
    Object.entries(settings).flatMap(([name, value]) => {
      const match = /^(-?\d+(?:\.\d+)?)( *)([A-Za-z]+)$/.exec(String(value));
      const written = match?.[3] ?? "";
      const meant = UNITS.find((unit) => unit.toLowerCase() === written.toLowerCase());
      if (match === null || meant === undefined || UNITS.includes(written)) return [];
      return source.error([settings, name], `Postgres has no unit \`${written}\``, {
        expected: UNITS.join(", "),
        suggestion: `${match[1]}${match[2]}${meant}`,
      });
    }),
  );
}
