import type { Accessory } from "./accessory.ts";
import type { AgentPolicy } from "./agent-policy.ts";
import type { HbaRule } from "./policy.ts";
import type { Value } from "./secret.ts";
import type { Stamp } from "./stamp.ts";

/** What must be true, with names, addresses and values worked out: the policy and deploy.yml put together. */
export interface Topology {
  readonly service: string;
  readonly destination: string | null;
  /** Postgres servers. Those of other engines are an agent's to know. */
  readonly databases: readonly DatabaseNode[];
  /** One a host that has something to back up, in the order of their names. */
  readonly agents: readonly AgentNode[];
  /** Files of the checkout that we own whole, uploaded by Kamal's `files:`. */
  readonly files: readonly OwnedFile[];
  /** Accessories that carry our stamp in deploy.yml and that the policy no longer names. */
  readonly orphans: readonly OrphanNode[];
}

/** An accessory that must run. */
export interface AccessoryNode {
  readonly name: string;
  readonly host: string;
  /** As `kamal config` resolves it now; null: deploy.yml has no such accessory. */
  readonly declared: Accessory | null;
  /** As it must be. */
  readonly wanted: Accessory;
  readonly stamp: Stamp;
  readonly edits: readonly ManifestEdit[];
}

/** A primary. */
export interface DatabaseNode extends AccessoryNode {
  readonly declared: Accessory;
  /** Settings to hold, by name: the policy's, and what replication needs. */
  readonly settings: Readonly<Record<string, string>>;
  /** The rules of the managed block, replicas' first. */
  readonly hba: readonly HbaRule[];
  readonly replication: { readonly user: Value; readonly password: Value } | null;
  readonly replicas: readonly ReplicaNode[];
}

export interface ReplicaNode extends AccessoryNode {
  readonly slot: string;
  /** In the container. */
  readonly pgdata: string;
  readonly maxLagSeconds: number | null;
}

/** What backs up on one host. */
export interface AgentNode extends AccessoryNode {
  /** What it is told. */
  readonly policy: AgentPolicy;
  /** SHA-256 of the policy's file, hexadecimal. */
  readonly policyHash: string;
  /** Postgres servers that it backs up, by the names of their accessories. */
  readonly databases: readonly string[];
}

export interface OrphanNode {
  readonly name: string;
  readonly edits: readonly ManifestEdit[];
}

export interface OwnedFile {
  /** Relative to the directory that Kamal runs in. */
  readonly path: string;
  readonly text: string;
  /** What it is for, in words: said when it is written first. */
  readonly what: string;
  /** SHA-256 of the text that was applied last, as deploy.yml has it; null where it does not say. */
  readonly applied: string | null;
  /** Accessories whose hosts have to be seen before it is written. */
  readonly seen: readonly string[];
}

/** Every accessory that must run, each after those that it needs. */
export function accessoryNodes({ databases, agents }: Topology): AccessoryNode[] {
  return [...databases.flatMap((node) => [node, ...node.replicas]), ...agents];
}

/**
 * One key of an accessory's block in deploy.yml that we own. `value` replaces what is there; `contains` adds to a list
 * what is missing; `remove` takes the key out when it is there. An absent accessory is written from its edits in order.
 */
export type ManifestEdit =
  | { readonly path: readonly string[]; readonly value: string | number | boolean }
  | { readonly path: readonly string[]; readonly contains: readonly string[] }
  | { readonly path: readonly string[]; readonly remove: true };
