import type { Step } from "../../model/step.ts";
import type { ContainerSpec } from "./desired.ts";

/** Seconds for a primary to accept connections: crash recovery of a busy server takes minutes. */
const READY_SECONDS = 300;

function ready(spec: ContainerSpec): Step {
  return {
    run: "wait",
    host: spec.host,
    container: spec.wanted.container,
    until: "ready",
    what: `${spec.name} accepts connections`,
    timeoutSeconds: READY_SECONDS,
  };
}

/** A replica's first boot clones the primary; the replica's own resource waits for that. */
export function boot(spec: ContainerSpec): Step[] {
  const booted: Step = { run: "kamal", argv: ["accessory", "boot", spec.name] };
  return spec.role === "primary" ? [booted, ready(spec)] : [booted];
}

export function start(spec: ContainerSpec, status: string): Step[] {
  const verb = status === "paused" ? "unpause" : "start";
  const started: Step = { run: "docker", host: spec.host, argv: [verb, spec.wanted.container] };
  return spec.role === "primary" ? [started, ready(spec)] : [started];
}

function reboot(spec: ContainerSpec): Step {
  return { run: "kamal", argv: ["accessory", "reboot", spec.name] };
}

/**
 * Kamal pulls the image before it stops the container, so a missing image interrupts nothing. The checkpoint first
 * makes the shutdown fit into docker's stop timeout.
 */
export function recreate(spec: ContainerSpec, answers: boolean): Step[] {
  if (spec.role === "replica") return [reboot(spec)];
  const checkpoint: Step = {
    run: "sql",
    host: spec.host,
    container: spec.wanted.container,
    statement: "CHECKPOINT;",
    params: {},
  };
  return [...(answers ? [checkpoint] : []), reboot(spec), ready(spec)];
}

/** The old deploy.yml, and a container made from it; the container that was there is left alone if it still runs. */
export function goBack(spec: ContainerSpec, id: string): Step[] {
  if (spec.role === "replica") return [];
  const intact: Step = { run: "end-if-running", host: spec.host, container: id };
  return [{ run: "undo-edits" }, intact, reboot(spec), ready(spec)];
}
