import { Failure } from "../errors.ts";
import { digest } from "../model/canonical.ts";
import type { ResourceId } from "../model/change.ts";
import type { Unknown } from "../model/observation.ts";
import type { Difference, Evidence, Kind, Resource, World } from "../resources/kind.ts";

/** A resource with what was seen of it. */
export interface Finding {
  readonly resource: Resource;
  /** Digest of the observation. */
  readonly fingerprint: string;
  /** What differs, or why that cannot be told. */
  readonly outcome: Difference | Unknown;
}

/** Asks every kind what must be so, what is, and what differs. Pure. */
export function observeAll(
  kinds: readonly Kind[],
  evidence: Evidence,
  world: World,
): ReadonlyMap<ResourceId, Finding> {
  const findings = new Map<ResourceId, Finding>();
  for (const kind of kinds) {
    for (const resource of kind.desired(world)) {
      if (findings.has(resource.id))
        throw new Failure("internal.bug", `two resources are called ${resource.id}`);
      const observation = kind.observe(resource, evidence, world);
      findings.set(resource.id, {
        resource,
        fingerprint: digest(observation),
        outcome: observation.status === "unknown" ? observation : kind.diff(resource, observation, world),
      });
    }
  }
  return findings;
}

export function isUnknown(outcome: Difference | Unknown): outcome is Unknown {
  return "status" in outcome;
}
