/**
 * What streaming replication needs of a primary, with Postgres 17's own defaults where they suffice, stated so that a
 * postgresql.conf in the data directory cannot undo them. max_slot_wal_keep_size is finite: a slot whose replica is
 * gone must not fill the primary's disk (its default, -1, lets it).
 */
const FOR_REPLICATION: Readonly<Record<string, string>> = {
  wal_level: "replica",
  max_wal_senders: "10",
  max_replication_slots: "10",
  max_slot_wal_keep_size: "10GB",
};

/**
 * Settings to hold on a primary, by name in lower case (Postgres reads any). The policy's come first, then flags that the accessory's `cmd` has already,
 * then what replication needs.
 */
export function settingsToHold(
  ofPolicy: Readonly<Record<string, string>>,
  flags: Readonly<Record<string, string>>,
  hasReplicas: boolean,
): Record<string, string> {
  const held = Object.fromEntries(
    Object.entries(ofPolicy).map(([name, value]) => [name.toLowerCase(), value]),
  );
  if (hasReplicas) {
    for (const [name, value] of Object.entries(FOR_REPLICATION)) held[name] ??= flags[name] ?? value;
  }
  return Object.fromEntries(Object.entries(held).sort(([a], [b]) => (a < b ? -1 : 1)));
}
