import { present, unknown } from "../model/observation.ts";
import type { Unknown } from "../model/observation.ts";
import type { PresentContainer } from "../model/probe.ts";
import type { Evidence } from "./kind.ts";

/** The id of an accessory's container as a resource. */
export function containerId(accessory: string): string {
  return `container:${accessory}`;
}

/** The accessory's running container, or why nothing can be asked of it. */
export function runningContainer(
  evidence: Evidence,
  accessory: string,
): { readonly status: "present"; readonly value: PresentContainer } | Unknown {
  const probe = evidence.probe(accessory);
  if (probe.status === "unknown") return unknown(probe.reason);
  if (probe.status === "absent") return unknown(`${accessory} has no container yet`, containerId(accessory));
  if (!probe.container.State.Running || probe.container.State.Status === "paused") {
    return unknown(`${accessory}'s container is ${probe.container.State.Status}`, containerId(accessory));
  }
  return present(probe);
}

/** A fact's JSON as the caller knows it to be, or why it could not be had. */
export function factOf<Json>(
  evidence: Evidence,
  accessory: string,
  name: string,
): { readonly status: "present"; readonly value: Json } | Unknown {
  const running = runningContainer(evidence, accessory);
  if (running.status === "unknown") return running;
  const answer = running.value.facts[name];
  if (answer === undefined) return unknown(`${accessory} was not asked for ${name}`);
  if ("error" in answer) return unknown(`${accessory}: ${answer.error}`);
  return present(answer.json as Json);
}
