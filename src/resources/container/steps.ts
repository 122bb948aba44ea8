import type { Step } from "../../model/step.ts";
import { SCHEDULES } from "../agent-status.ts";
import type { ContainerSpec } from "./desired.ts";
import type { LiveServer } from "./observe.ts";
import { sameCluster } from "./same-cluster.ts";

/** Seconds for a primary to accept connections: crash recovery of a busy server takes minutes. */
const READY_SECONDS = 300;
/** Seconds for an agent to start and to see its repositories. */
const AGENT_SECONDS = 120;

/** What is waited for once a container runs. A replica's own resource waits for its stream. */
function ready(spec: ContainerSpec): Step[] {
  if (spec.role === "replica") return [];
  const { host } = spec;
  const { container } = spec.wanted;
  if (spec.role === "agent") {
    const until = { argv: SCHEDULES };
    const what = `${spec.name} schedules`;
    return [{ run: "wait", host, container, until, what, timeoutSeconds: AGENT_SECONDS }];
  }
  const what = `${spec.name} accepts connections`;
  return [{ run: "wait", host, container, until: "ready", what, timeoutSeconds: READY_SECONDS }];
}

/** A replica's first boot clones the primary; the replica's own resource waits for that. */
export function boot(spec: ContainerSpec): Step[] {
  return [{ run: "kamal", argv: ["accessory", "boot", spec.name] }, ...ready(spec)];
}

export function start(spec: ContainerSpec, status: string): Step[] {
  const verb = status === "paused" ? "unpause" : "start";
  return [{ run: "docker", host: spec.host, argv: [verb, spec.wanted.container] }, ...ready(spec)];
}

function reboot(spec: ContainerSpec): Step {
  return { run: "kamal", argv: ["accessory", "reboot", spec.name] };
}

/**
 * Kamal pulls the image before it stops the container, so a missing image interrupts nothing. The checkpoint first
 * makes the shutdown fit into docker's stop timeout.
 */
export function recreate(spec: ContainerSpec, server: LiveServer | null): Step[] {
  if (spec.role !== "primary") return [reboot(spec), ...ready(spec)];
  const checkpoint: Step = {
    run: "sql",
    host: spec.host,
    container: spec.wanted.container,
    statement: "CHECKPOINT;",
    params: {},
  };
  return [
    ...(server === null ? [] : [checkpoint]),
    reboot(spec),
    ...ready(spec),
    ...sameCluster(spec, server),
  ];
}

/** The old deploy.yml, and a container made from it; the container that was there is left alone if it still runs. */
export function goBack(spec: ContainerSpec, id: string, server: LiveServer): Step[] {
  const intact: Step = { run: "end-if-running", host: spec.host, container: id };
  return [{ run: "undo-edits" }, intact, reboot(spec), ...ready(spec), ...sameCluster(spec, server)];
}
