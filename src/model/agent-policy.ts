import type { SecretRef, Value } from "./secret.ts";

/**
 * What an agent is told: the policy's part for one host, resolved, with defaults, secrets by their names. Rendered by
 * the control plane into a file of the checkout that Kamal uploads; a secret's value is in the variable of its name.
 */
export interface AgentPolicy {
  readonly format_version: "1";
  /** Tag `app:<app>` of every snapshot. */
  readonly app: string;
  /** The host as deploy.yml names it; restic's `--host`. */
  readonly host: string;
  /** IANA zone of every schedule. */
  readonly timezone: string;
  /** In the order of their names. */
  readonly repositories: readonly AgentRepository[];
  /** Databases, then files, each in the order of their names. Names are unique among all of them. */
  readonly targets: readonly AgentTarget[];
  readonly notify: readonly AgentNotification[];
}

export interface AgentRepository {
  readonly name: string;
  /** Location as restic writes it. */
  readonly location: string;
  readonly password: Value;
  /** Of restic's environment: credentials and options of the storage. */
  readonly env: Readonly<Record<string, Value>>;
  /** restic's `-o` options, `name=value`: `s3.bucket-lookup=path`, `sftp.args=...`. */
  readonly options: readonly string[];
  /** Path in the container of a CA certificate to trust (PEM); null: the system's. */
  readonly ca: string | null;
  /** For `sftp:` only. */
  readonly ssh?: RepositoryLogin;
}

/**
 * How to log in over SFTP. The key is written to a file of mode 0600; Kamal's env file makes of its newlines the two
 * characters `\n` each, which no key has by itself. A server whose key `known_hosts` lacks is refused.
 */
export interface RepositoryLogin {
  readonly key: SecretRef;
  /** Path in the container. */
  readonly known_hosts: string;
}

/** What is backed up as one run. */
export type AgentTarget = ServerTarget | SqliteTarget | FilesTarget;

/** A database server; all its databases are backed up but templates and empty maintenance databases. */
export interface ServerTarget extends BackedUp, Drilled {
  readonly type: "server";
  /** The accessory's name in deploy.yml. */
  readonly name: string;
  readonly engine: "postgres" | "mysql" | "mariadb";
  readonly connection: ServerConnection;
}

export interface ServerConnection {
  /** Name on the docker network, an address, or a directory that holds a Unix socket. */
  readonly host: string;
  readonly port: number;
  /** A superuser. */
  readonly user: Value;
  readonly password: Value;
  /** The application's database (POSTGRES_DB, MYSQL_DATABASE); null: the server's default one. */
  readonly database: Value | null;
}

export interface SqliteTarget extends BackedUp, Drilled {
  readonly type: "sqlite";
  readonly name: string;
  /** Of the database file, in the container. */
  readonly path: string;
}

export interface FilesTarget extends BackedUp {
  readonly type: "files";
  readonly name: string;
  /** Label to path in the container. */
  readonly paths: Readonly<Record<string, string>>;
}

interface BackedUp {
  readonly backup: BackupPlan;
}

interface Drilled {
  readonly objectives: { readonly rpo_seconds: number | null; readonly rto_seconds: number | null };
  readonly drill: { readonly schedule: string; readonly assertions: readonly AgentAssertion[] } | null;
}

export interface BackupPlan {
  /** As the policy writes it: five-field cron, `@daily`, `every 6h`. */
  readonly schedule: string;
  /** A run is put off by up to this many seconds: the same for the same target and run. */
  readonly jitter_seconds: number;
  /** Name of a repository. */
  readonly repository: string;
  /** Null: every backup is kept. */
  readonly retention: RetentionRules | null;
  readonly check: { readonly schedule: string; readonly read_data: string | null } | null;
  /** When the storage of forgotten snapshots is freed; null where nothing is ever forgotten. */
  readonly prune: { readonly schedule: string } | null;
}

/** What any of these keeps is kept (restic.readthedocs.io, "Removing snapshots according to a policy"). */
export interface RetentionRules {
  readonly last: number;
  readonly hourly: number;
  readonly daily: number;
  readonly weekly: number;
  readonly monthly: number;
  readonly yearly: number;
  /** Before the newest run. */
  readonly within_seconds: number | null;
}

/** A query whose single value must be at least `min`, or equal to `equals`. */
export interface AgentAssertion {
  readonly name: string;
  readonly sql: string;
  /** Database of the server that it is asked of; null: the application's. */
  readonly database: string | null;
  readonly min: number | null;
  readonly equals: string | number | boolean | null;
}

export interface AgentNotification {
  readonly url: Value;
  /** `ping`: Healthchecks' way: URL, URL/start, URL/fail. `webhook`: POST of JSON. */
  readonly type: "ping" | "webhook";
  readonly on: readonly ("start" | "success" | "failure")[];
  /** Kinds of jobs that are told. */
  readonly jobs: readonly JobKind[];
}

/** What an agent does on schedule. */
export const SCHEDULED_JOBS = ["backup", "check", "drill", "prune"] as const;
export type JobKind = (typeof SCHEDULED_JOBS)[number];
