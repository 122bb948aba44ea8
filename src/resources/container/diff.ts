import type { Cause, FieldChange } from "../../model/change.ts";
import type { Observation } from "../../model/observation.ts";
import { containerCause, STAMP_LABEL } from "../../model/stamp.ts";
import { inOrder } from "../kind.ts";
import type { Difference, Resource, World } from "../kind.ts";
import { compareContainer } from "./compare.ts";
import type { ContainerSpec } from "./desired.ts";
import { compareEnvironment, isRotation } from "./environment.ts";
import type { LiveContainer } from "./observe.ts";
import { protectData } from "./protect.ts";
import { boot, goBack, recreate, start } from "./steps.ts";

type Seen = Exclude<Observation<LiveContainer>, { status: "unknown" }>;

export function diff({ spec, after }: Resource<ContainerSpec>, seen: Seen, world: World): Difference {
  if (seen.status === "absent") {
    return {
      action: "create",
      cause: spec.stamp.written === spec.stamp.wanted ? "drift" : "policy",
      reason: `${spec.host} has no container ${spec.wanted.container}`,
      fields: [{ field: "image", before: null, after: spec.wanted.image }],
      steps: boot(spec),
    };
  }
  const live = seen.value;
  const { container } = live.probe;
  const stamp = container.Config.Labels?.[STAMP_LABEL] ?? null;
  const fields = differences(spec, live, stamp, world);
  if (fields.length > 0) {
    const refusal = spec.role === "primary" ? protectData(spec, live) : null;
    if (refusal === null) return replace(spec, live, fields, stamp);
    // A primary waits for nothing but the files that describe its new container.
    return {
      action: "blocked",
      cause: causeOf(spec, live, fields, stamp),
      reason: refusal,
      fields,
      withholds: after,
    };
  }
  if (container.State.Running && container.State.Status !== "paused") return inOrder;
  return {
    action: "update",
    cause: "drift",
    reason: `${spec.wanted.container} is ${container.State.Status} on ${spec.host}`,
    fields: [{ field: "state", before: container.State.Status, after: "running" }],
    steps: start(spec, container.State.Status),
  };
}

function differences(
  spec: ContainerSpec,
  live: LiveContainer,
  stamp: string | null,
  world: World,
): FieldChange[] {
  const fields = [
    ...compareContainer(spec.wanted, live.probe),
    ...compareEnvironment(spec.wanted, spec.host, live.probe, world),
  ];
  if (fields.length > 0 || stamp === null || stamp === spec.stamp.wanted) return fields;
  return [{ field: "options", before: "as booted", after: "changed in deploy.yml since" }];
}

function replace(
  spec: ContainerSpec,
  live: LiveContainer,
  fields: FieldChange[],
  stamp: string | null,
): Difference {
  const cause = causeOf(spec, live, fields, stamp);
  const names = fields.map(({ field }) => field).join(", ");
  return {
    action: "replace",
    cause,
    impact: "recreate",
    interrupts:
      spec.role === "primary"
        ? `${spec.name} stops and starts: every connection is cut, the database is away for seconds`
        : `${spec.name} stops and starts: reads from it are cut`,
    reason: `${spec.wanted.container} runs with other ${names} than deploy.yml ${cause === "drift" ? "says: changed by hand" : "is to say"}`,
    fields,
    steps: recreate(spec, live.server !== null),
    // Of a server that does not answer there is nothing good to go back to.
    rollback: live.server === null ? [] : goBack(spec),
  };
}

function causeOf(
  spec: ContainerSpec,
  { probe }: LiveContainer,
  fields: readonly FieldChange[],
  stamp: string | null,
): Cause {
  const stamped = containerCause(spec.stamp, stamp);
  return stamped === "drift" && isRotation(fields, spec.wanted, probe) ? "policy" : stamped;
}
