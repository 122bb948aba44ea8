import type { Step } from "../../model/step.ts";
import type { SlotSpec } from "./desired.ts";

function sql(spec: SlotSpec, statement: string): Step {
  return {
    run: "sql",
    host: spec.host,
    container: spec.container,
    statement,
    params: { slot: spec.slot as string },
  };
}

/** Makes the slot; it reserves no WAL until the replica's clone uses it. */
export function create(spec: SlotSpec): Step[] {
  return [
    sql(
      spec,
      `select pg_create_physical_replication_slot(:'slot')
where not exists (select from pg_replication_slots where slot_name = :'slot');`,
    ),
  ];
}

/** Drops the slot and makes it anew: its replica has to be cloned again. */
export function recreate(spec: SlotSpec): Step[] {
  const drop = `select pg_drop_replication_slot(slot_name) from pg_replication_slots
where slot_name = :'slot' and wal_status = 'lost' and not active;`;
  return [sql(spec, drop), ...create(spec)];
}
