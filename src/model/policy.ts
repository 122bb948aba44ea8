import type { Impact } from "./impact.ts";
import type { Value } from "./secret.ts";

/** A policy that is valid, merged with its destination's overlay, and complete with defaults. */
export interface Policy {
  /** Path of deploy.yml, relative to the directory of the policy. */
  readonly deploy: string;
  /** In the order of their names. */
  readonly databases: readonly DatabasePolicy[];
  /** The highest impact that apply may have without a flag. */
  readonly allow: Impact;
  /** Keys that are valid but that this version does not act on, as dotted paths. */
  readonly notActedOn: readonly string[];
  /** SHA-256 of the resolved document in canonical JSON, hexadecimal: the same for keys in any order. */
  readonly hash: string;
}

export interface DatabasePolicy {
  /** The accessory's name in deploy.yml. */
  readonly name: string;
  /** Server settings as Postgres writes them; only those that the policy names. */
  readonly settings: Readonly<Record<string, string>>;
  readonly pgHba: readonly HbaRule[];
  /** Null when the policy has no replication for this database; never null when there are replicas. */
  readonly replication: { readonly user: Value; readonly password: Value } | null;
  /** In the order of their names. */
  readonly replicas: readonly ReplicaPolicy[];
}

export interface ReplicaPolicy {
  /** The accessory's name in deploy.yml. */
  readonly name: string;
  /** As Kamal connects to it. */
  readonly host: string;
  /** Private address: where it listens, and all that pg_hba admits for replication. */
  readonly address: string;
  /** TCP port published on the address. */
  readonly port: number;
  /** Replication slot on the primary: the name with every character but a-z 0-9 as `_`. */
  readonly slot: string;
  /** Seconds, or null where the policy states none. */
  readonly maxLagSeconds: number | null;
}

/** One line of pg_hba.conf (postgresql.org/docs/current/auth-pg-hba-conf.html). */
export interface HbaRule {
  readonly type: "local" | "host" | "hostssl" | "hostnossl" | "hostgssenc" | "hostnogssenc";
  readonly database: string;
  readonly user: Value;
  /** Null for local. */
  readonly address: string | null;
  readonly method: string;
  /** `name=value` pairs after the method. */
  readonly options: Readonly<Record<string, string>>;
  readonly comment: string | null;
}
