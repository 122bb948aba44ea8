import { present } from "../../model/observation.ts";
import type { Observation } from "../../model/observation.ts";
import type { ContainerProbe } from "../../model/probe.ts";
import { factOf, runningContainer } from "../evidence.ts";
import type { Evidence, FactRequest, Resource } from "../kind.ts";
import type { ReplicaSpec } from "./desired.ts";

/** Both ends of a stream. */
export interface LiveReplica {
  /** Null: it does not answer, while the replica answers as a primary of its own. */
  readonly primary: PrimaryEnd | null;
  /** Null while it clones or starts: its container runs and its Postgres does not answer, for the reason. */
  readonly replica: ReplicaEnd | null;
  readonly silence: string;
  /** Address of another server that streams through the slot; null where there is none, or none is known to be. */
  readonly stranger: string | null;
}

export interface PrimaryEnd {
  readonly system: string;
  readonly timeline: number;
  /** pg_stat_replication's row for the replica; null when it is not connected. */
  readonly stream: { readonly state: string; readonly lag_seconds: number | null } | null;
  /** What streams through the slot, but for a clone's own stream: its address, and when it came in Unix seconds. */
  readonly holder: { readonly address: string; readonly since: number } | null;
  readonly slot_lost: boolean;
  /** Where the oldest WAL that it still has begins, in bytes from the start of all WAL. */
  readonly oldest_wal: number;
  readonly parameters: Readonly<Record<string, number>>;
}

export interface ReplicaEnd {
  readonly in_recovery: boolean;
  readonly system: string;
  readonly timeline: number;
  /** pg_stat_wal_receiver; null when nothing is received. */
  readonly receiver: { readonly status: string; readonly slot: string | null } | null;
  /**
   * In bytes, the WAL that it asks its primary for; null while it has WAL of its own to replay: it receives only once
   * that is used up (postgresql.org/docs/current/warm-standby.html, Standby Server Operation).
   */
  readonly needs_wal: number | null;
  /** not paused, pause requested or paused. */
  readonly pause: string;
  readonly parameters: Readonly<Record<string, number>>;
}

/** A standby may have none of these lower than its primary (postgresql.org/docs/current/hot-standby.html). */
const PARAMETERS = `(select json_object_agg(name, setting::bigint) from pg_settings where name in
  ('max_connections', 'max_worker_processes', 'max_wal_senders', 'max_prepared_transactions', 'max_locks_per_transaction'))`;

/** Names are timeline, then the position: 8 digits of its high half, 8 of the segment in the low half. */
const OLDEST = `(select min(('x' || substr(name, 9, 8))::bit(32)::bigint * 4294967296
    + ('x' || substr(name, 17))::bit(32)::bigint * pg_size_bytes(current_setting('wal_segment_size')))
  from pg_ls_waldir() where name ~ '^[0-9A-F]{24}$')`;

const PRIMARY = `select json_build_object(
  'system', (select system_identifier::text from pg_control_system()),
  'timeline', (select timeline_id from pg_control_checkpoint()),
  'stream', (select json_build_object('state', state, 'lag_seconds', extract(epoch from replay_lag))
    from pg_stat_replication where application_name = :'slot' order by state = 'streaming' desc limit 1),
  'holder', (select json_build_object('address', coalesce(host(r.client_addr), 'its own host'),
      'since', extract(epoch from r.backend_start))
    from pg_stat_replication r join pg_replication_slots s on s.active_pid = r.pid
    where s.slot_name = :'slot' and r.state = 'streaming' and r.application_name <> :'slot' || '-clone'),
  'slot_lost', exists (select from pg_replication_slots where slot_name = :'slot' and wal_status = 'lost'),
  'oldest_wal', ${OLDEST},
  'parameters', ${PARAMETERS})`;

const REPLICA = `select json_build_object(
  'in_recovery', pg_is_in_recovery(),
  'system', (select system_identifier::text from pg_control_system()),
  'timeline', (select timeline_id from pg_control_checkpoint()),
  'receiver', (select json_build_object('status', status, 'slot', slot_name) from pg_stat_wal_receiver),
  'needs_wal', pg_last_wal_receive_lsn() - '0/0'
    + greatest(pg_last_wal_replay_lsn() - pg_last_wal_receive_lsn(), 0),
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
  const probe = evidence.probe(spec.name);
  const running = runningContainer(evidence, spec.name);
  const primary = factOf<PrimaryEnd>(evidence, spec.primary.name, `primary of ${spec.name}`);
  const stranger = primary.status === "present" ? strangerOf(primary.value, probe) : null;
  if (running.status === "unknown") {
    // Starting it would not help; and before an apply is confirmed, it must be known what that takes.
    const isLost = primary.status === "present" && primary.value.slot_lost && probe.status === "present";
    if (primary.status === "unknown" || !(isLost || stranger !== null)) return running;
    return present({ primary: primary.value, replica: null, silence: running.reason, stranger });
  }
  const replica = factOf<ReplicaEnd>(evidence, spec.name, "standby");
  if (primary.status === "unknown") {
    const promoted = replica.status === "present" && !replica.value.in_recovery;
    return promoted ? present({ primary: null, replica: replica.value, silence: "", stranger }) : primary;
  }
  return replica.status === "unknown"
    ? present({ primary: primary.value, replica: null, silence: replica.reason, stranger })
    : present({ primary: primary.value, replica: replica.value, silence: "", stranger });
}

/** Seconds by which the clocks of two hosts may differ. */
const CLOCKS = 300;

/** A container that runs may stream by itself, but only since it was started. A paused one keeps its connection. */
function strangerOf({ holder }: PrimaryEnd, probe: ContainerProbe): string | null {
  if (holder === null || probe.status === "unknown") return null;
  if (probe.status === "absent" || !probe.container.State.Running) return holder.address;
  const started = Date.parse(probe.container.State.StartedAt) / 1000;
  return holder.since < started - CLOCKS ? holder.address : null;
}
