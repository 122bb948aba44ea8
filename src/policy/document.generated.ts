// Generated from schemas/backup-policy.v1.schema.json by docs/generate/policy-types.ts.

/**
 * Plain text on one line, or a secret by its name in `.kamal/secrets`.
 */
export type Value =
  | string
  | {
      /**
       * Name in `.kamal/secrets`, never the value.
       */
      secret: string;
    };
/**
 * A host as deploy.yml names it.
 */
export type Host = string;
/**
 * A whole number of seconds, minutes, hours or days.
 */
export type Duration = string;
/**
 * Text on one line.
 */
export type Line = string;
/**
 * Five-field cron, a name, or an interval, in the policy's time zone.
 */
export type Schedule = string;
/**
 * A name of your choice.
 */
export type Label = string;
/**
 * A whole number from 0.
 */
export type Count = number;

/**
 * Data safety of an app deployed with Kamal, in one reviewed file beside config/deploy.yml.
 */
export interface PolicyDocument {
  /**
   * Version of the policy language.
   */
  version: 1;
  /**
   * Path of Kamal's deploy.yml, relative to the directory of the policy.
   */
  deploy?: string;
  /**
   * Name of the app in its snapshots' tags. Without it, Kamal's service, and with a destination `<service>-<destination>`. To go on with a repository of the gem kamal-backup, the gem's app_name.
   */
  app?: string;
  /**
   * IANA time zone that every schedule is in.
   */
  timezone?: string;
  /**
   * Where backups go, by a name of your choice.
   */
  repositories?: {
    [k: string]: Repository;
  };
  /**
   * Databases, each by the name of its accessory in deploy.yml; a SQLite database by a name of your choice.
   */
  databases?: {
    [k: string]: Database;
  };
  /**
   * Directories of a host to back up, by a name of your choice.
   */
  files?: {
    [k: string]: FileSet;
  };
  /**
   * The agent that backs up: one accessory on each host that has something to back up. Needed for any backup.
   */
  agent?: {
    /**
     * Image of the agent, with its registry. Its PostgreSQL major version is the server's or newer.
     */
    image: string;
  };
  /**
   * Addresses that are called when a job starts, succeeds or fails. A call that fails never fails or delays a job.
   */
  notify?: Notification[];
  /**
   * What `apply` may do without being told so on the command line.
   */
  apply?: {
    /**
     * The highest impact that is applied without a flag; `recreate` interrupts the database.
     */
    allow?: "none" | "reload" | "restart" | "recreate";
  };
}
/**
 * A restic repository.
 */
export interface Repository {
  /**
   * Location as restic writes it. An absolute path is one of the host, mounted into its agent. `rclone:` needs an agent's image that has rclone.
   */
  restic: string;
  password: Secret;
  /**
   * Environment of restic: credentials and options of the storage. A variable that ends in KEY, TOKEN, SECRET or PASSWORD takes a secret's name only.
   */
  env?: {
    [k: string]: Value;
  };
  /**
   * Options of restic's storage backends, as its `-o` takes them.
   *
   * Items: One option.
   */
  options?: string[];
  /**
   * CA certificate (PEM) that the storage's certificate is checked against, beside the system's own: a file of the checkout, relative to the directory that Kamal runs in. Kamal uploads it.
   */
  ca?: string;
  /**
   * For `sftp:` only, which needs it: how the agent logs in.
   */
  ssh?: {
    key: Secret;
    /**
     * The server's public keys as `ssh-keyscan` prints them: a file of the checkout, relative to the directory that Kamal runs in. Kamal uploads it. A server with another key is refused.
     */
    known_hosts: string;
  };
}
/**
 * A secret by its name in `.kamal/secrets`.
 */
export interface Secret {
  /**
   * Name in `.kamal/secrets`, never the value.
   */
  secret: string;
}
/**
 * A database server that Kamal runs as an accessory, or a SQLite database on a host.
 */
export interface Database {
  /**
   * The database. Without it, it is postgres, and the accessory's image must say so. Settings, pg_hba and replicas are for postgres only.
   */
  engine?: "postgres" | "mysql" | "mariadb" | "sqlite";
  host?: Host;
  /**
   * For sqlite only: the database file on the host. Its directory is mounted into the agent, writable: a reader of a database in WAL mode writes beside it.
   */
  path?: string;
  /**
   * What a recovery may cost.
   */
  objectives?: {
    rpo?: Duration;
    rto?: Duration;
  };
  /**
   * Server settings, rendered as `-c` flags of the accessory's `cmd`; the flags already there stay. Sizes as Postgres writes them.
   */
  settings?: {
    /**
     * Value as Postgres writes it.
     */
    [k: string]: string | number | boolean;
  };
  /**
   * Rules of pg_hba.conf, in order, in a block of its own before the rules that are there; what replicas need comes first and by itself.
   */
  pg_hba?: HbaRule[];
  /**
   * The role that replicas connect with; it is made when it is missing.
   */
  replication?: {
    user: Value;
    password: Secret;
  };
  /**
   * Streaming replicas, each by the name of its accessory in deploy.yml; it is added there when it is missing.
   */
  replicas?: {
    [k: string]: Replica;
  };
  backup?: Backup;
  /**
   * Restores the latest backup into a throwaway server in the agent, compares it with what was backed up, and asks it questions.
   */
  drill?: {
    schedule: Schedule;
    /**
     * What must be true of the restored database.
     */
    assertions?: Assertion[];
  };
}
/**
 * One line of pg_hba.conf (postgresql.org/docs/current/auth-pg-hba-conf.html).
 */
export interface HbaRule {
  /**
   * Type of connection: `local` is the Unix socket, where only `trust` is admitted, as kamal-backup itself works over it; the others are TCP.
   */
  type: "local" | "host" | "hostssl" | "hostnossl" | "hostgssenc" | "hostnogssenc";
  /**
   * Databases; `all` does not match replication connections.
   */
  database: string;
  user: Value;
  /**
   * Who may connect: a range in CIDR notation, a host's name, or a keyword. Not for `local`.
   */
  address?: string;
  /**
   * How the client proves who it is.
   */
  method:
    | "scram-sha-256"
    | "md5"
    | "password"
    | "trust"
    | "reject"
    | "cert"
    | "peer"
    | "ident"
    | "gss"
    | "sspi"
    | "ldap"
    | "radius"
    | "pam"
    | "bsd"
    | "oauth";
  /**
   * Options of the method, written after it as `name=value`.
   */
  options?: {
    /**
     * The option's value.
     */
    [k: string]: string;
  };
  comment?: Line;
}
/**
 * A streaming replica.
 */
export interface Replica {
  host: Host;
  /**
   * Private IP address of the host: where the replica listens, and all that pg_hba admits for replication.
   */
  address: string;
  /**
   * TCP port published on the address.
   */
  port?: number;
  max_lag?: Duration;
}
/**
 * Scheduled backups.
 */
export interface Backup {
  schedule: Schedule;
  jitter?: Duration;
  repository: Label;
  retention?: Retention;
  /**
   * Frees the storage of backups that the retention no longer keeps. Without it, `@weekly` where there is a retention.
   */
  prune?: {
    schedule: Schedule;
  };
  check?: Check;
}
/**
 * Which backups are kept; one that any of these keeps is kept, and the newest good one always. Without it, all are.
 */
export interface Retention {
  last?: Count;
  hourly?: Count;
  daily?: Count;
  weekly?: Count;
  monthly?: Count;
  yearly?: Count;
  within?: Duration;
}
/**
 * Verifies the repository.
 */
export interface Check {
  schedule: Schedule;
  /**
   * How much of the stored data is read back and verified, at random. Without it none: only the structure is checked.
   */
  read_data?: string;
}
/**
 * A query whose single value must be at least `min`, or equal to `equals`.
 */
export interface Assertion {
  name: Line;
  /**
   * A query that returns one row with one column.
   */
  sql: string;
  database?: Line;
  /**
   * The least value that passes.
   */
  min?: number;
  /**
   * The only value that passes.
   */
  equals?: string | number | boolean;
}
/**
 * Directories of a host.
 */
export interface FileSet {
  host: Host;
  /**
   * Label to path on the host; mounted read-only into the agent.
   */
  paths: {
    /**
     * Absolute path on the host.
     */
    [k: string]: string;
  };
  backup: Backup;
}
/**
 * An address that is called when a job starts, succeeds or fails.
 */
export interface Notification {
  url: Value;
  /**
   * `ping`: a request to the address when a job succeeds, to `/start` and `/fail` below it otherwise, as Healthchecks takes them. `webhook`: a POST of JSON.
   */
  type?: "ping" | "webhook";
  /**
   * What of a job is told.
   *
   * Items: A moment of a job.
   */
  on: ("start" | "success" | "failure")[];
  /**
   * Which jobs are told. Without it, all.
   *
   * Items: A kind of job.
   */
  jobs?: ("backup" | "check" | "drill" | "prune")[];
}
