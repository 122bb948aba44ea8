import type { Step } from "../../model/step.ts";
import { onVolumes, STILL_STANDBY } from "../on-volumes.ts";
import type { ReplicaSpec } from "./desired.ts";

/** Seconds for a clone to become a streaming standby: six hours, a terabyte over a slow line. */
const CLONE_SECONDS = 6 * 3600;
/** Seconds for a standby that exists to find its primary again. */
const RECONNECT_SECONDS = 300;

/** Waits until the replica streams through its slot. */
export function waitForStream(spec: ReplicaSpec, clones: boolean): Step {
  return {
    run: "wait",
    host: spec.primary.host,
    container: spec.primary.container,
    until: {
      statement: `select exists (select from pg_stat_replication r join pg_replication_slots s on s.active_pid = r.pid
where r.application_name = :'slot' and r.state = 'streaming' and s.slot_name = :'slot')`,
      params: { slot: spec.slot },
    },
    mustRun: { host: spec.host, container: spec.container },
    what: clones
      ? `${spec.name} clones ${spec.primary.name} and streams from it`
      : `${spec.name} streams from ${spec.primary.name}`,
    timeoutSeconds: clones ? CLONE_SECONDS : RECONNECT_SECONDS,
  };
}

export function resume(spec: ReplicaSpec): Step {
  return {
    run: "sql",
    host: spec.host,
    container: spec.container,
    statement: "select pg_wal_replay_resume() where pg_is_in_recovery();",
    params: {},
  };
}

const MARK = `${STILL_STANDBY}; touch "$1.reclone"`;

/**
 * The entry script keeps the old data directory aside and clones anew when it finds the marker. The slot is made anew
 * while the replica is stopped: the old standby would tie a new one to the WAL that is gone. A primary is not stopped.
 */
export function reclone(spec: ReplicaSpec): Step[] {
  const { host, container, image, pgdata, primary } = spec;
  const volumes = { host, volumesFrom: container, image, pgdata };
  return [
    onVolumes({ ...volumes, volumesFrom: `${container}:ro` }, STILL_STANDBY),
    { run: "docker", host, argv: ["stop", "--time", "120", container] },
    onVolumes(volumes, MARK),
    {
      run: "sql",
      host: primary.host,
      container: primary.container,
      statement: `select pg_drop_replication_slot(slot_name) from pg_replication_slots
where slot_name = :'slot' and not active;
select pg_create_physical_replication_slot(:'slot')
where not exists (select from pg_replication_slots where slot_name = :'slot');`,
      params: { slot: spec.slot },
    },
    { run: "docker", host, argv: ["start", container] },
    waitForStream(spec, true),
  ];
}
