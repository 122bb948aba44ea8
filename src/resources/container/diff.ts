import type { Cause, FieldChange } from "../../model/change.ts";
import type { Observation } from "../../model/observation.ts";
import { containerCause, STAMP_LABEL } from "../../model/stamp.ts";
import { inOrder } from "../kind.ts";
import type { Difference, Resource, World } from "../kind.ts";
import { compareContainer } from "./compare.ts";
import type { ContainerSpec } from "./desired.ts";
import { compareEnvironment, isRotation } from "./environment.ts";
import { findsData } from "./finds-data.ts";
import type { Fenced, LiveContainer, SeenContainer } from "./observe.ts";
import { protectData, protectReplica } from "./protect.ts";
import { boot, goBack, recreate, start } from "./steps.ts";
import { stillStandby } from "./still-standby.ts";
import { hasWayBack } from "./way-back.ts";

type Seen = Exclude<Observation<LiveContainer>, { status: "unknown" }>;

export function diff({ spec, after }: Resource<ContainerSpec>, seen: Seen, world: World): Difference {
  if (seen.status === "absent") {
    return bootAnew(spec);
  }
  const live = seen.value;
  if ("promoted" in live) return fenced(spec, live);
  const { container } = live.probe;
  const stamp = container.Config.Labels?.[STAMP_LABEL] ?? null;
  const fields = differences(spec, live, stamp, world);
  if (fields.length > 0 && spec.role === "primary" && !container.State.Running) {
    return startFirst(spec, container.State.Status, fields, causeOf(spec, live, fields, stamp));
  }
  if (fields.length > 0) {
    const refusal = refusalOf(spec, live);
    if (refusal === null) return replace(spec, live, fields, stamp, world);
    // A primary waits for nothing but the files that describe its new container; a replica also for its primary.
    const withholds = spec.role === "primary" ? after : [];
    return {
      action: "blocked",
      cause: causeOf(spec, live, fields, stamp),
      reason: refusal,
      fields,
      withholds,
    };
  }
  if (container.State.Status === "restarting") {
    return { ...inOrder, warnings: [`${spec.wanted.container} restarts again and again: see its log`] };
  }
  if (container.State.Running && container.State.Status !== "paused") return inOrder;
  return {
    action: "update",
    cause: "drift",
    ...(spec.role === "primary" ? { impact: "restart", interrupts: awake(spec) } : {}),
    reason: `${spec.wanted.container} is ${container.State.Status} on ${spec.host}`,
    fields: [{ field: "state", before: container.State.Status, after: "running" }],
    steps: [...stillStandby(spec, live.probe), ...start(spec, container.State.Status)],
  };
}

/**
 * A primary that was applied before and has no container any more: its data lies on the host, or an empty database comes
 * up in its place. With deploy.yml as it was applied the directories are the same; with another (another host, other
 * directories) nobody can tell.
 */
function bootAnew(spec: ContainerSpec): Difference {
  const { written, wanted } = spec.stamp;
  const known = written === wanted && spec.wanted.volumes.length > 0;
  const again = spec.role === "primary" && written !== null;
  return {
    action: "create",
    cause: written === wanted ? "drift" : "policy",
    ...(again ? { impact: known ? "restart" : "data" } : {}),
    ...(again
      ? {
          interrupts: known
            ? awake(spec)
            : `${spec.name} comes up EMPTY unless its data directory is on ${spec.host}`,
        }
      : {}),
    reason: `${spec.host} has no container ${spec.wanted.container}`,
    fields: [{ field: "image", before: null, after: spec.wanted.image }],
    steps: boot(spec),
  };
}

/**
 * A primary that is stopped and differs, as a reboot leaves it that was cut off. Where its data lies is only known from
 * a server that answers: it is started as it is, seen, and replaced in the next round.
 */
function startFirst(spec: ContainerSpec, status: string, fields: FieldChange[], cause: Cause): Difference {
  return {
    action: "update",
    cause,
    impact: "recreate",
    interrupts: awake(spec),
    reason: `${spec.wanted.container} is ${status} on ${spec.host} and differs from what deploy.yml is to say: it is started as it is, to see that its data would survive, and then replaced`,
    fields: [{ field: "state", before: status, after: "running" }, ...fields],
    steps: start(spec, status),
  };
}

/** Starting the old primary after a failover makes two of them. */
function fenced(spec: ContainerSpec, { promoted }: Fenced): Difference {
  return {
    action: "blocked",
    cause: "drift",
    reason: `${spec.name} does not run and ${promoted.join(", ")} was promoted by hand: starting ${spec.name} would make two primaries. Which of them has the data to keep is yours to decide`,
  };
}

function awake(spec: ContainerSpec): string {
  return `${spec.name} starts and takes connections again: leave it if somebody stopped it on purpose`;
}

function differences(
  spec: ContainerSpec,
  live: SeenContainer,
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
  live: SeenContainer,
  fields: FieldChange[],
  stamp: string | null,
  world: World,
): Difference {
  const { server } = live;
  const back = hasWayBack(spec, live, stamp, world);
  const cause = causeOf(spec, live, fields, stamp);
  const names = fields.map(({ field }) => field).join(", ");
  return {
    action: "replace",
    cause,
    ...interruption(spec, server === null || back),
    reason: `${spec.wanted.container} runs with other ${names} than deploy.yml ${cause === "drift" ? "says: changed by hand" : "is to say"}${spec.role === "agent" ? "; a job that runs ends first" : ""}`,
    fields,
    steps: [
      ...(server === null ? stillStandby(spec, live.probe) : []),
      ...findsData(spec, live),
      ...recreate(spec, server),
    ],
    // Of a server that does not answer there is nothing good to go back to.
    rollback: server === null || !back ? [] : goBack(spec, live.probe.container.Id, server),
  };
}

const NO_WAY_BACK =
  "; no way back if it does not come up: deploy.yml, with its secrets, no longer says what runs";

/** What replacing it interrupts. An agent's job that runs ends first: docker waits for it. */
function interruption(
  { name, role }: ContainerSpec,
  back: boolean,
): Pick<Difference, "impact" | "interrupts"> {
  switch (role) {
    case "primary":
      return {
        impact: "recreate",
        interrupts: `${name} stops and starts: every connection is cut, the database is away for seconds${back ? "" : NO_WAY_BACK}`,
      };
    case "replica":
      return { impact: "recreate", interrupts: `${name} stops and starts: reads from it are cut` };
    case "agent":
      return {};
  }
}

/** Why it may not be replaced; null when nothing speaks against it. */
function refusalOf(spec: ContainerSpec, live: SeenContainer): string | null {
  switch (spec.role) {
    case "primary":
      return protectData(spec, live);
    case "replica":
      return protectReplica(spec, live);
    case "agent":
      return null;
  }
}

function causeOf(
  spec: ContainerSpec,
  { probe }: SeenContainer,
  fields: readonly FieldChange[],
  stamp: string | null,
): Cause {
  const stamped = containerCause(spec.stamp, stamp);
  return stamped === "drift" && isRotation(fields, spec.wanted, probe) ? "policy" : stamped;
}
