import type { Observation } from "../../model/observation.ts";
import { containerId } from "../evidence.ts";
import { inOrder } from "../kind.ts";
import type { Difference, Resource } from "../kind.ts";
import type { ReplicaSpec } from "./desired.ts";
import type { LiveReplica, PrimaryEnd, ReplicaEnd } from "./observe.ts";
import { reclone, resume, waitForStream } from "./steps.ts";

type Seen = Exclude<Observation<LiveReplica>, { status: "unknown" }>;

export function diff({ spec }: Resource<ReplicaSpec>, seen: Seen): Difference {
  if (seen.status === "absent") return inOrder;
  const { primary, replica, silence, stranger } = seen.value;
  if (replica === null && stranger !== null) return heldUp(spec, stranger);
  if (replica === null && primary?.slot_lost === true) return lost(spec);
  if (replica === null) {
    return {
      action: "update",
      cause: "drift",
      reason: `${spec.name} clones its primary or starts: ${silence}`,
      fields: [{ field: "state", before: "not answering", after: "streaming" }],
      steps: [waitForStream(spec, true)],
    };
  }
  if (primary === null || !replica.in_recovery) return promoted(spec, replica);
  return unfit(spec, primary, replica) ?? lagging(spec, primary, replica) ?? inOrder;
}

/** It would never get the slot, and its container would wait for it in vain. */
function heldUp(spec: ReplicaSpec, stranger: string): Difference {
  return {
    action: "blocked",
    cause: "policy",
    reason: `another server (${stranger}) streams through ${spec.slot}: stop the replica on its former host first (docker stop ${spec.container} there)`,
    withholds: [containerId(spec.name)],
  };
}

function promoted(spec: ReplicaSpec, replica: ReplicaEnd): Difference {
  return {
    action: "blocked",
    cause: "drift",
    reason: `${spec.name} was promoted by hand and is a primary of its own now (timeline ${replica.timeline}). Which of the two has the data to keep is yours to decide: stop the apps writing to ${spec.name}; when nothing on it is needed, move its data directory away and restart its container, and it clones ${spec.primary.name} again`,
  };
}

/** What a wait cannot mend. */
function unfit(spec: ReplicaSpec, primary: PrimaryEnd, replica: ReplicaEnd): Difference | null {
  if (replica.system !== primary.system) {
    return renewed(
      spec,
      "system identifier",
      replica.system,
      primary.system,
      `${spec.name} is a copy of another cluster`,
    );
  }
  if (replica.receiver?.status !== "streaming" && (primary.slot_lost || isGone(primary, replica)))
    return lost(spec);
  const low = Object.keys(primary.parameters).filter(
    (name) => (replica.parameters[name] ?? 0) < (primary.parameters[name] as number),
  );
  return low.length === 0 ? null : tooLow(spec, low, primary, replica);
}

/** Whether the primary has removed WAL that the replica still needs. */
function isGone({ oldest_wal }: PrimaryEnd, { needs_wal }: ReplicaEnd): boolean {
  return needs_wal !== null && needs_wal < oldest_wal;
}

function lost(spec: ReplicaSpec): Difference {
  const reason = `${spec.name} stayed away for longer than its slot keeps WAL`;
  return renewed(spec, "slot", "lost", spec.slot, reason);
}

/** Only a flag makes a standby's parameter follow: what ALTER SYSTEM or a file set on the primary is not copied. */
function tooLow(
  spec: ReplicaSpec,
  low: readonly string[],
  primary: PrimaryEnd,
  replica: ReplicaEnd,
): Difference {
  const names = low.join(", ");
  const parameters = { before: replica.parameters, after: primary.parameters };
  const fields = low.map((field) => ({
    field,
    before: String(parameters.before[field]),
    after: String(parameters.after[field]),
  }));
  const cause = "drift";
  const lower = `${spec.name} has a lower ${names} than ${spec.primary.name} and stops replaying`;
  if (low.every((name) => Number(spec.flags[name] ?? Infinity) < (primary.parameters[name] as number))) {
    const reason = `${lower}: ${spec.primary.name} does not run with the flags that it should`;
    return { action: "update", cause, reason, fields, settledBy: containerId(spec.primary.name) };
  }
  if (low.every((name) => Number(spec.flags[name] ?? 0) >= (primary.parameters[name] as number))) {
    const reason = `${lower}: its container has to be recreated`;
    return { action: "update", cause, reason, fields, settledBy: containerId(spec.name) };
  }
  const reason = `${lower}: put ${names} into the settings of ${spec.primary.name} in the policy, so that both have it as a flag`;
  return { action: "blocked", cause, reason, fields };
}

function renewed(
  spec: ReplicaSpec,
  field: string,
  before: string,
  after: string,
  reason: string,
): Difference {
  return {
    action: "replace",
    cause: "drift",
    impact: "data",
    interrupts: `${spec.name} is cloned again; its old data directory is kept beside the new one`,
    reason,
    fields: [{ field, before, after }],
    steps: reclone(spec),
  };
}

/** What is late or held up. */
function lagging(spec: ReplicaSpec, primary: PrimaryEnd, replica: ReplicaEnd): Difference | null {
  const paused = replica.pause !== "not paused";
  const streams = primary.stream?.state === "streaming" && replica.receiver?.slot === spec.slot;
  if (paused || !streams) {
    return {
      action: "update",
      cause: "drift",
      reason: paused
        ? `replay on ${spec.name} is paused: it falls behind while it looks healthy`
        : `${spec.name} does not stream from ${spec.primary.name} through ${spec.slot}`,
      fields: [
        {
          field: paused ? "replay" : "stream",
          before: paused ? replica.pause : (primary.stream?.state ?? "none"),
          after: paused ? "running" : "streaming",
        },
      ],
      steps: [...(paused ? [resume(spec)] : []), waitForStream(spec, false)],
    };
  }
  const lag = primary.stream?.lag_seconds ?? 0;
  if (spec.maxLagSeconds === null || lag <= spec.maxLagSeconds) return null;
  return {
    ...inOrder,
    warnings: [`${spec.name} is ${lag.toFixed(1)} s behind, max_lag is ${spec.maxLagSeconds} s`],
  };
}
