import { absent, unknown } from "../../model/observation.ts";
import type { Observation } from "../../model/observation.ts";
import { factOf } from "../evidence.ts";
import type { Evidence, FactRequest, Resource } from "../kind.ts";
import type { SlotSpec } from "./desired.ts";

/** A row of pg_replication_slots (postgresql.org/docs/current/view-pg-replication-slots.html). */
export interface LiveSlot {
  readonly name: string;
  readonly type: "physical" | "logical";
  readonly active: boolean;
  readonly wal_status: string | null;
  /** Bytes of WAL that the slot keeps on the primary's disk; null before it reserves any. */
  readonly held: number | null;
}

export interface LiveSlots {
  readonly own: LiveSlot | null;
  /** Slots that the policy does not declare. */
  readonly foreign: readonly LiveSlot[];
  /** The replica's container is there, so the slot has been: one that is missing was dropped. */
  readonly replicaExists: boolean;
}

const FACT = "slots";
const SQL = `select coalesce(json_agg(json_build_object('name', slot_name, 'type', slot_type, 'active', active,
  'wal_status', wal_status, 'held', case when pg_is_in_recovery() then null
    else pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::bigint end) order by slot_name), '[]'::json)
  from pg_replication_slots where not temporary`;

export function facts(resource: Resource<SlotSpec>): FactRequest[] {
  return [{ accessory: resource.spec.accessory, facts: [{ name: FACT, sql: SQL }] }];
}

export function observe({ spec }: Resource<SlotSpec>, evidence: Evidence): Observation<LiveSlots> {
  const slots = factOf<LiveSlot[]>(evidence, spec.accessory, FACT);
  if (slots.status === "unknown") return slots;
  const foreign = slots.value.filter((slot) => !spec.declared.includes(slot.name));
  const own = slots.value.find((slot) => slot.name === spec.slot) ?? null;
  if (spec.slot === null && foreign.length === 0) return absent;
  const replica = spec.replica === null ? null : evidence.probe(spec.replica);
  if (replica?.status === "unknown" && (own === null || own.wal_status === "lost")) {
    const state = own === null ? "missing" : "lost";
    return unknown(`slot ${spec.slot} is ${state}, and ${spec.replica} cannot be seen: ${replica.reason}`);
  }
  return { status: "present", value: { own, foreign, replicaExists: replica?.status === "present" } };
}
