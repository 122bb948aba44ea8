import { present } from "../../model/observation.ts";
import type { Observation } from "../../model/observation.ts";
import { factOf, runningContainer } from "../evidence.ts";
import type { Evidence, FactRequest, Resource } from "../kind.ts";
import type { ReplicaSpec } from "./desired.ts";

/** Both ends of a stream. */
export interface LiveReplica {
  readonly primary: PrimaryEnd;
  /** Null while it clones or starts: its container runs and its Postgres does not answer, for the reason. */
  readonly replica: ReplicaEnd | null;
  readonly silence: string;
}

export interface PrimaryEnd {
  readonly system: string;
  readonly timeline: number;
  /** pg_stat_replication's row for the replica; null when it is not connected. */
  readonly stream: { readonly state: string; readonly lag_seconds: number | null } | null;
  readonly slot_lost: boolean;
  readonly parameters: Readonly<Record<string, number>>;
}

export interface ReplicaEnd {
  readonly in_recovery: boolean;
  readonly system: string;
  readonly timeline: number;
  /** pg_stat_wal_receiver; null when nothing is received. */
  readonly receiver: { readonly status: string; readonly slot: string | null } | null;
  /** not paused, pause requested or paused. */
  readonly pause: string;
  readonly parameters: Readonly<Record<string, number>>;
}

/** A standby may have none of these lower than its primary (postgresql.org/docs/current/hot-standby.html). */
const PARAMETERS = `(select json_object_agg(name, setting::bigint) from pg_settings where name in
  ('max_connections', 'max_worker_processes', 'max_wal_senders', 'max_prepared_transactions', 'max_locks_per_transaction'))`;

const PRIMARY = `select json_build_object(
  'system', (select system_identifier::text from pg_control_system()),
  'timeline', (select timeline_id from pg_control_checkpoint()),
  'stream', (select json_build_object('state', state, 'lag_seconds', extract(epoch from replay_lag))
    from pg_stat_replication where application_name = :'slot' order by state = 'streaming' desc limit 1),
  'slot_lost', exists (select from pg_replication_slots where slot_name = :'slot' and wal_status = 'lost'),
  'parameters', ${PARAMETERS})`;

const REPLICA = `select json_build_object(
  'in_recovery', pg_is_in_recovery(),
  'system', (select system_identifier::text from pg_control_system()),
  'timeline', (select timeline_id from pg_control_checkpoint()),
  'receiver', (select json_build_object('status', status, 'slot', slot_name) from pg_stat_wal_receiver),
  'pause', case when pg_is_in_recovery() then pg_get_wal_replay_pause_state() else 'not paused' end,
  'parameters', ${PARAMETERS})`;

export function facts({ spec }: Resource<ReplicaSpec>): FactRequest[] {
  return [
    {
      accessory: spec.primary.name,
      facts: [{ name: `primary of ${spec.name}`, sql: PRIMARY, params: { slot: spec.slot } }],
    },
    { accessory: spec.name, facts: [{ name: "standby", sql: REPLICA }] },
  ];
}

export function observe({ spec }: Resource<ReplicaSpec>, evidence: Evidence): Observation<LiveReplica> {
  const running = runningContainer(evidence, spec.name);
  if (running.status === "unknown") return running;
  const primary = factOf<PrimaryEnd>(evidence, spec.primary.name, `primary of ${spec.name}`);
  if (primary.status === "unknown") return primary;
  const replica = factOf<ReplicaEnd>(evidence, spec.name, "standby");
  return replica.status === "unknown"
    ? present({ primary: primary.value, replica: null, silence: replica.reason })
    : present({ primary: primary.value, replica: replica.value, silence: "" });
}
