import type { Cause, FieldChange } from "../../model/change.ts";
import type { Observation } from "../../model/observation.ts";
import { containerId } from "../evidence.ts";
import { containerCause } from "../../model/stamp.ts";
import { inOrder } from "../kind.ts";
import type { Difference, Resource } from "../kind.ts";
import type { SettingSpec } from "./desired.ts";
import type { StampedSetting } from "./observe.ts";
import { reset } from "./steps.ts";
import { isSameSetting, showSetting } from "./value.ts";

/** Where pg_settings says that the value comes from. */
const FLAG = "command line";

type Seen = Exclude<Observation<StampedSetting>, { status: "unknown" }>;

export function diff({ spec }: Resource<SettingSpec>, seen: Seen): Difference {
  if (seen.status === "absent") return missing(spec);
  const live = seen.value;
  const same = isSameSetting(spec.value, live);
  if (same && live.altered === null) return inOrder;
  const fields: FieldChange[] = same
    ? []
    : [{ field: spec.name, before: showSetting(live), after: spec.value }];
  if (live.altered === null) {
    return {
      action: "update",
      cause: containerCause(spec.stamp, live.stamp),
      reason: `${spec.accessory} runs with ${spec.name} = ${showSetting(live)}; its flag takes effect when the container is recreated`,
      fields,
      settledBy: containerId(spec.accessory),
    };
  }
  return {
    action: "update",
    ...explainAltered(spec, live, same),
    impact: "reload",
    interrupts: `${spec.accessory} reloads its configuration; no connection is cut`,
    fields: [...fields, { field: `${spec.name} in postgresql.auto.conf`, before: live.altered, after: null }],
    steps: reset(spec),
  };
}

/**
 * Behind a flag ALTER SYSTEM is somebody's hand, whatever else waits to be applied; where the server runs without the
 * flag, the stamp tells whether it ever had one.
 */
function explainAltered(
  { accessory, name, stamp }: SettingSpec,
  live: StampedSetting,
  same: boolean,
): { cause: Cause; reason: string } {
  const cause = containerCause(stamp, live.stamp);
  const altered = `ALTER SYSTEM set ${name} = ${live.altered}`;
  if (live.source === FLAG) {
    return {
      cause: cause === "policy" ? (same ? "drift" : "both") : cause,
      reason: `${altered} behind the policy (the flag on the command line outranks it)`,
    };
  }
  return cause === "drift"
    ? { cause, reason: `${altered} behind the policy, whose flag is not on the command line of ${accessory}` }
    : {
        cause,
        reason: `${altered} when the policy did not hold it yet; its flag takes effect when the container is recreated`,
      };
}

/** A server does not start with a flag that it does not know; one of an extension is known once that is loaded. */
function missing({ accessory, name, carriers }: SettingSpec): Difference {
  const reason = `Postgres in ${accessory} has no setting ${name}`;
  if (name.includes(".")) {
    return { action: "update", cause: "policy", reason, settledBy: containerId(accessory) };
  }
  const todo = `${reason}, and would not start with it: correct the policy's settings`;
  return { action: "blocked", cause: "policy", reason: todo, withholds: carriers };
}
