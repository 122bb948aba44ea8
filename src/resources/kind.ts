import type { Change, ResourceId } from "../model/change.ts";
import type { Fact } from "../model/fact.ts";
import type { Observation } from "../model/observation.ts";
import type { ContainerProbe } from "../model/probe.ts";
import type { Secret, Value } from "../model/secret.ts";
import type { Topology } from "../model/topology.ts";

/** A thing that must be so. */
export interface Resource<Spec = unknown> {
  readonly id: ResourceId;
  readonly kind: string;
  /** What has to be done before this; ids that do not exist in a plan are ignored. */
  readonly after: readonly ResourceId[];
  readonly spec: Spec;
}

/** Questions to what runs in one accessory's container. */
export interface FactRequest {
  readonly accessory: string;
  readonly facts: readonly Fact[];
}

/** What kinds derive their resources from. */
export interface World {
  readonly topology: Topology;
  /** Reveals a value for a comparison in memory. Throws `secrets.undefined` for a name that `.kamal/secrets` lacks. */
  reveal(value: Value): string;
  /** `.kamal/secrets` by name. */
  readonly secrets: ReadonlyMap<string, Secret>;
  /** Keyed HMAC of a secret value, short hexadecimal: the same in every run with the same secrets. */
  hmac(value: string): string;
  /** Path of deploy.yml and, with a destination that has one, its file; base first. */
  readonly manifestPaths: readonly string[];
}

/** What was seen. */
export interface Evidence {
  probe(accessory: string): ContainerProbe;
  /** Text of a file of the checkout; null when it is absent. */
  file(path: string): string | null;
}

/** A change as a kind computes it; the engine adds id, kind, after and fingerprint. */
export type Difference = Partial<Omit<Change, "id" | "kind" | "after" | "fingerprint">> &
  Pick<Change, "action" | "reason"> & {
    /** Of a blocked change: those before it that would prepare what is refused, and are withheld too. */
    readonly withholds?: readonly ResourceId[];
  };

/**
 * One kind of thing that is reconciled. `observe` and `diff` are pure: facts in, change out. `diff` is never called
 * with an unknown observation: the engine makes that a blocked change, or one settled by what it waits for.
 */
export interface Kind<Spec = unknown, Live = unknown> {
  readonly kind: string;
  desired(world: World): readonly Resource<Spec>[];
  facts?(resource: Resource<Spec>): readonly FactRequest[];
  observe(resource: Resource<Spec>, evidence: Evidence, world: World): Observation<Live>;
  diff(
    resource: Resource<Spec>,
    observation: Exclude<Observation<Live>, { status: "unknown" }>,
    world: World,
  ): Difference;
}

/** Nothing to do. */
export const inOrder: Difference = { action: "none", reason: "" };
