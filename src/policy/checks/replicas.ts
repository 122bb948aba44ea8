import type { Diagnostic } from "../diagnostic.ts";
import type { Database, Replica } from "../document.generated.ts";
import { DEFAULT_PORT, slotName } from "../defaults.ts";
import type { PolicySource, Subject } from "../source.ts";

interface Declared {
  readonly database: string;
  readonly name: string;
  readonly replica: Replica;
  /** The map that the replica stands in. */
  readonly siblings: object;
}

function declaredReplicas(source: PolicySource): readonly Declared[] {
  return Object.entries(source.document.databases ?? {}).flatMap(([database, { replicas = {} }]) =>
    Object.entries(replicas).map(([name, replica]) => ({ database, name, replica, siblings: replicas })),
  );
}

/** Replicas need a role to connect with. */
export function replicasHaveRole(source: PolicySource): readonly Diagnostic[] {
  return Object.values(source.document.databases ?? {})
    .filter((database) => hasReplicas(database) && !source.declares(database, "replication"))
    .map((database) =>
      source.errorAtKey([database, "replicas"], "replicas without a replication role", {
        expected: "`replication: { user: …, password: { secret: … } }` beside it",
      }),
    );
}

function hasReplicas(database: Database): boolean {
  return Object.keys(database.replicas ?? {}).length > 0;
}

/** Only Postgres has the replicas, settings and rules that this language describes. */
export function onlyPostgresReplicates(source: PolicySource): readonly Diagnostic[] {
  return Object.values(source.document.databases ?? {}).flatMap((database) => {
    if (database.engine === undefined || database.engine === "postgres") return [];
    return (["settings", "pg_hba", "replication", "replicas"] as const)
      .filter((key) => source.declares(database, key))
      .map((key) =>
        source.errorAtKey(
          [database, key],
          `\`${key}\` is for postgres, and the engine here is ${database.engine}`,
        ),
      );
  });
}

/** No two replicas listen on the same address and port. */
export function replicaAddressesDiffer(source: PolicySource): readonly Diagnostic[] {
  return clashes(
    source,
    ({ replica }) => `${replica.address.toLowerCase()} ${replica.port ?? DEFAULT_PORT}`,
    ({ replica }) => [replica, "address"],
    ({ replica }) => `address ${replica.address} with port ${replica.port ?? DEFAULT_PORT}`,
    "an address and port of its own",
  );
}

/** No two replicas of a database use the same replication slot. */
export function replicaSlotsDiffer(source: PolicySource): readonly Diagnostic[] {
  return clashes(
    source,
    ({ database, name }) => JSON.stringify([database, slotName(name)]),
    ({ siblings, name }) => [siblings, name],
    ({ name }) => `replication slot ${slotName(name)}`,
    "names that differ in more than case and punctuation",
  );
}

/** A replica's name is an accessory of its own: no database's, and no other replica's. */
export function replicaNamesDiffer(source: PolicySource): readonly Diagnostic[] {
  const databases = source.document.databases ?? {};
  const own = declaredReplicas(source)
    .filter(({ name }) => Object.hasOwn(databases, name))
    .map(({ siblings, name }) =>
      source.errorAtKey([siblings, name], `\`${name}\` is a database already`, {
        expected: "an accessory of its own",
      }),
    );
  const others = clashes(
    source,
    ({ name }) => name,
    ({ siblings, name }) => [siblings, name],
    ({ name }) => `the name ${name}`,
    "an accessory of its own",
  );
  return [...own, ...others];
}

/** An error at every replica whose key an earlier one has. */
function clashes(
  source: PolicySource,
  keyOf: (declared: Declared) => string,
  subjectOf: (declared: Declared) => Subject,
  what: (declared: Declared) => string,
  expected: string,
): readonly Diagnostic[] {
  const first = new Map<string, Declared>();
  return declaredReplicas(source).flatMap((declared) => {
    const earlier = first.get(keyOf(declared));
    if (earlier === undefined) {
      first.set(keyOf(declared), declared);
      return [];
    }
    const where = `${earlier.database}'s replica ${earlier.name} on line ${source.line(subjectOf(earlier))}`;
    const isKey = subjectOf(declared)[0] === declared.siblings;
    const message = `${what(declared)} is that of ${where}`;
    return isKey
      ? source.errorAtKey(subjectOf(declared), message, { expected })
      : source.error(subjectOf(declared), message, { expected });
  });
}
