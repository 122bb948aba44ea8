import type { Observation } from "../../model/observation.ts";
import { showBytes } from "../../model/bytes.ts";
import { inOrder } from "../kind.ts";
import type { Difference, Resource } from "../kind.ts";
import type { SlotSpec } from "./desired.ts";
import type { LiveSlot, LiveSlots } from "./observe.ts";
import { create, recreate } from "./steps.ts";

type Seen = Exclude<Observation<LiveSlots>, { status: "unknown" }>;

export function diff({ spec }: Resource<SlotSpec>, seen: Seen): Difference {
  if (spec.slot === null) return seen.status === "absent" ? inOrder : foreignSlots(spec, seen.value.foreign);
  const own = seen.status === "present" ? seen.value.own : null;
  if (own === null) {
    const dropped = seen.status === "present" && seen.value.replicaExists;
    return {
      action: "create",
      cause: dropped ? "drift" : "policy",
      reason: dropped
        ? `slot ${spec.slot} was dropped from ${spec.accessory}: nothing keeps the WAL that ${spec.replica} still needs`
        : `${spec.accessory} needs a slot that keeps WAL until ${spec.replica} has it`,
      fields: [{ field: "slot", before: null, after: `${spec.slot}, physical` }],
      steps: create(spec),
    };
  }
  return existing(spec, own, (seen as { value: LiveSlots }).value.replicaExists);
}

function existing(spec: SlotSpec, own: LiveSlot, replicaExists: boolean): Difference {
  if (own.type !== "physical") {
    return {
      action: "blocked",
      cause: "drift",
      reason: `slot ${spec.slot} on ${spec.accessory} is a logical one of somebody else: rename the replica or drop the slot`,
    };
  }
  if (own.wal_status === "lost" && replicaExists) {
    // A new one is made when the replica is stopped to be cloned again: see its own change.
    return { ...inOrder, warnings: [`slot ${spec.slot} is lost: ${spec.replica} has to be cloned again`] };
  }
  if (own.wal_status === "lost") {
    return {
      action: "replace",
      cause: "drift",
      impact: "data",
      interrupts: `${spec.replica} has to be cloned again`,
      reason: `slot ${spec.slot} is lost: ${spec.replica} stayed away for more WAL than max_slot_wal_keep_size`,
      fields: [{ field: "wal_status", before: "lost", after: "reserved" }],
      steps: recreate(spec),
    };
  }
  if (own.wal_status === "unreserved") {
    return {
      ...inOrder,
      warnings: [
        `slot ${spec.slot} is about to be lost: ${showBytes(own.held ?? 0)} of WAL behind, reconnect ${spec.replica}`,
      ],
    };
  }
  return inOrder;
}

/** Never dropped: whoever made them may come back for the WAL. */
function foreignSlots(spec: SlotSpec, foreign: readonly LiveSlot[]): Difference {
  const idle = foreign.filter((slot) => !slot.active);
  return {
    ...inOrder,
    warnings: idle.map(
      (slot) =>
        `${spec.accessory} has an inactive slot that the policy does not declare: ${slot.name} holds ${showBytes(slot.held ?? 0)} of WAL; when nobody needs it: select pg_drop_replication_slot('${slot.name}')`,
    ),
  };
}
