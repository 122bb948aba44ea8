import type { Accessory } from "./accessory.ts";
import type { HbaRule } from "./policy.ts";
import type { Value } from "./secret.ts";

/** What must be true, with names, addresses and values worked out: the policy and deploy.yml put together. */
export interface Topology {
  readonly service: string;
  readonly destination: string | null;
  readonly databases: readonly DatabaseNode[];
  /** Accessories that carry our stamp in deploy.yml and that the policy no longer names. */
  readonly orphans: readonly string[];
}

export interface DatabaseNode {
  readonly name: string;
  /** As `kamal config` resolves it now. */
  readonly declared: Accessory;
  /** As it must be. */
  readonly wanted: Accessory;
  readonly edits: readonly ManifestEdit[];
  readonly host: string;
  /** Where replicas reach the primary: the address and port that its `port:` publishes. */
  readonly address: { readonly host: string; readonly port: number } | null;
  /** Settings to hold, by name: the policy's, and what replication needs. */
  readonly settings: Readonly<Record<string, string>>;
  readonly hba: readonly HbaRule[];
  readonly replication: { readonly user: Value; readonly password: Value } | null;
  readonly replicas: readonly ReplicaNode[];
}

export interface ReplicaNode {
  readonly name: string;
  /** Null: deploy.yml has no such accessory yet. */
  readonly declared: Accessory | null;
  readonly wanted: Accessory;
  readonly edits: readonly ManifestEdit[];
  readonly host: string;
  readonly slot: string;
  readonly maxLagSeconds: number | null;
}

/**
 * One key of an accessory's block in deploy.yml that we own. `value` replaces what is there; `contains` adds to a list
 * what is missing; `remove` takes the key out when it is there. An absent accessory is written from its edits in order.
 */
export type ManifestEdit =
  | { readonly path: readonly string[]; readonly value: string | number | boolean }
  | { readonly path: readonly string[]; readonly contains: readonly string[] }
  | { readonly path: readonly string[]; readonly remove: true };
