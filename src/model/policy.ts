import type { AgentAssertion, AgentNotification, BackupPlan, ServerTarget } from "./agent-policy.ts";
import type { Impact } from "./impact.ts";
import type { SecretRef, Value } from "./secret.ts";

/** A policy that is valid, merged with its destination's overlay, and complete with defaults. */
export interface Policy {
  /** Path of deploy.yml, relative to the directory of the policy. */
  readonly deploy: string;
  /** Name of the app in snapshots' tags; null: after Kamal's service and destination. */
  readonly app: string | null;
  /** IANA zone of every schedule. */
  readonly timezone: string;
  /** In the order of their names. */
  readonly repositories: readonly RepositoryPolicy[];
  /** Servers that Kamal runs as accessories, in the order of their names. */
  readonly databases: readonly DatabasePolicy[];
  /** In the order of their names. */
  readonly sqlite: readonly SqlitePolicy[];
  /** In the order of their names. */
  readonly files: readonly FilesPolicy[];
  /** Never null where something is backed up. */
  readonly agentImage: string | null;
  readonly notify: readonly AgentNotification[];
  /** The highest impact that apply may have without a flag. */
  readonly allow: Impact;
  /** SHA-256 of the resolved document in canonical JSON, hexadecimal: the same for keys in any order. */
  readonly hash: string;
}

export interface RepositoryPolicy {
  readonly name: string;
  /** As restic writes it; an absolute path is one of the host. */
  readonly location: string;
  readonly password: Value;
  readonly env: Readonly<Record<string, Value>>;
  /** restic's `-o` options, `name=value`. */
  readonly options: readonly string[];
  /** File of the checkout; null: the system's certificates suffice. */
  readonly ca: string | null;
  /** Never null for `sftp:`. `known_hosts` is a file of the checkout. */
  readonly ssh: { readonly key: SecretRef; readonly knownHosts: string } | null;
}

/** What is asked of a database's backups. */
export interface Protection {
  /** Null: it is not backed up. */
  readonly backup: BackupPlan | null;
  readonly objectives: ServerTarget["objectives"];
  readonly drill: { readonly schedule: string; readonly assertions: readonly AgentAssertion[] } | null;
}

export interface SqlitePolicy extends Protection {
  readonly name: string;
  readonly host: string;
  /** Of the database file on the host. */
  readonly path: string;
}

export interface FilesPolicy {
  readonly name: string;
  readonly host: string;
  /** Label to absolute path on the host, in the order of the labels. */
  readonly paths: Readonly<Record<string, string>>;
  readonly backup: BackupPlan;
}

export interface DatabasePolicy extends Protection {
  /** The accessory's name in deploy.yml. */
  readonly name: string;
  readonly engine: ServerTarget["engine"];
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
