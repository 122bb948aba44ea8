import type { Accessory } from "../model/accessory.ts";
import type { ManifestEdit } from "../model/topology.ts";

/** Kamal's resolved configuration: the part that is read here. */
export interface KamalConfig {
  readonly service: string;
  readonly destination: string | null;
  /** The host that holds Kamal's deploy lock. */
  readonly primaryHost: string;
  readonly ssh: KamalSsh;
  /** By name. */
  readonly accessories: Readonly<Record<string, Accessory>>;
  /**
   * The accessory as Kamal would resolve it once these edits are made to its block in deploy.yml; of an accessory that
   * deploy.yml does not have, from the edits alone. Pure.
   */
  readonly resolveWith: (accessory: string, edits: readonly ManifestEdit[]) => Accessory;
  /** A key of the accessory's own block as deploy.yml resolves it, by path; undefined when absent. */
  readonly rawKey: (accessory: string, path: readonly string[]) => unknown;
}

/** Kamal's `ssh:` section (kamal-deploy.org/docs/configuration/ssh). */
export interface KamalSsh {
  readonly user: string;
  readonly port: number;
  /** `user@host[:port]` of a bastion. */
  readonly proxy: string | null;
  readonly proxyCommand: string | null;
  /** Paths of private keys, `~` not yet expanded. */
  readonly keys: readonly string[];
  readonly keysOnly: boolean;
  /** Private keys themselves. Secret: never shown. */
  readonly keyData: readonly string[];
  /** OpenSSH configuration files: true is the user's and the system's, false none. */
  readonly config: boolean | readonly string[];
}
