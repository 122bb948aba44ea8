import type { Step } from "../../model/step.ts";
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

/** The entry script keeps the old data directory aside and clones anew when it finds this marker. */
export function reclone(spec: ReplicaSpec): Step[] {
  return [
    { run: "docker", host: spec.host, argv: ["exec", spec.container, "touch", `${spec.pgdata}.reclone`] },
    { run: "docker", host: spec.host, argv: ["restart", "--time", "120", spec.container] },
    waitForStream(spec, true),
  ];
}
