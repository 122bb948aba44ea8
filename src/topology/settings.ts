/** Bounds the WAL that slots keep, so that one whose replica is gone cannot fill the primary's disk. */
export const SLOT_GUARD = "max_slot_wal_keep_size";

/**
 * What streaming replication needs of a primary, with Postgres 17's own defaults where they suffice, stated so that a
 * postgresql.conf in the data directory cannot undo them. The guard is finite: Postgres' default, -1, is none.
 */
const FOR_REPLICATION: Readonly<Record<string, string>> = {
  wal_level: "replica",
  max_wal_senders: "10",
  max_replication_slots: "10",
  [SLOT_GUARD]: "10GB",
};

/**
 * Settings to hold on a primary, by name in lower case (Postgres reads any). The policy's come first, then flags that the accessory's `cmd` has already,
 * then what replication needs. The guard stays when the replicas leave the policy, because their slots do: `owned` are
 * the flags that are ours, and who takes that one out of deploy.yml is rid of it.
 */
export function settingsToHold(
  ofPolicy: Readonly<Record<string, string>>,
  flags: Readonly<Record<string, string>>,
  hasReplicas: boolean,
  owned: readonly string[],
): Record<string, string> {
  const held = Object.fromEntries(
    Object.entries(ofPolicy).map(([name, value]) => [name.toLowerCase(), value]),
  );
  if (hasReplicas) {
    for (const [name, value] of Object.entries(FOR_REPLICATION)) held[name] ??= flags[name] ?? value;
  }
  const guard = flags[SLOT_GUARD];
  if (guard !== undefined && owned.includes(SLOT_GUARD)) held[SLOT_GUARD] ??= guard;
  return Object.fromEntries(Object.entries(held).sort(([a], [b]) => (a < b ? -1 : 1)));
}
