import type { Tool } from "../run.ts";
import type { Programs } from "./programs.ts";

/** Where a server is and who asks. */
export interface Access {
  /** Name, address, or the directory of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Null: none is asked for. */
  readonly password: string | null;
}

/**
 * Compression inside pg_dump. None: restic compresses and deduplicates, and whatever compresses before its chunker
 * ends the deduplication. Measured in bench/backup.
 */
const DUMP_COMPRESSION = "0";

/** How long pg_dump waits for the lock of a table that a migration holds, in milliseconds. */
const LOCK_WAIT_MS = 600_000;

/**
 * The environment in which libpq's programs reach a database. The names are here and not in argv, where a database
 * called `a=b` would be taken for a connection string. Time-outs of the server's own settings are off.
 */
export function libpqEnv(access: Access, database: string): Record<string, string> {
  return {
    PGHOST: access.host,
    PGPORT: String(access.port),
    PGUSER: access.user,
    PGDATABASE: database,
    ...(access.password === null ? {} : { PGPASSWORD: access.password }),
    PGCONNECT_TIMEOUT: "10",
    PGAPPNAME: "kamal-backup",
    PGCLIENTENCODING: "UTF8",
    PGOPTIONS: "-c statement_timeout=0 -c lock_timeout=0 -c default_transaction_read_only=off",
  };
}

/** Dumps the data of an exported snapshot, custom format, to stdout. */
export function pgDump(programs: Programs, access: Access, database: string, snapshot: string): Tool {
  return {
    program: programs.path("pg_dump"),
    argv: [
      "--format=custom",
      `--compress=${DUMP_COMPRESSION}`,
      `--snapshot=${snapshot}`,
      `--lock-wait-timeout=${LOCK_WAIT_MS}`,
      "--no-password",
    ],
    env: libpqEnv(access, database),
  };
}

/** Dumps one table of a database, as it is now, custom format. */
export function pgDumpTable(programs: Programs, access: Access, database: string, pattern: string): Tool {
  return {
    program: programs.path("pg_dump"),
    argv: ["--format=custom", "--compress=0", `--table=${pattern}`, "--strict-names", "--no-password"],
    env: libpqEnv(access, database),
  };
}

/** Writes roles with their verifiers, memberships, grants on parameters and tablespaces as SQL. */
export function pgDumpGlobals(programs: Programs, access: Access, database: string): Tool {
  return {
    program: programs.path("pg_dumpall"),
    argv: ["--globals-only", "--no-password", `--dbname=dbname=${conninfoValue(database)}`],
    env: libpqEnv(access, database),
  };
}

/** Lists an archive's table of contents. Reads the head of its stdin only, or the file. */
export function pgRestoreList(programs: Programs, file: string | null): Tool {
  return { program: programs.path("pg_restore"), argv: ["--list", ...fileArgument(file)], env: {} };
}

/** Writes an archive's definitions as SQL, those of the database itself too. Reads the head of its stdin only, or the file. */
export function pgRestoreSchema(programs: Programs, file: string | null): Tool {
  return {
    program: programs.path("pg_restore"),
    argv: ["--create", "--schema-only", "--file=-", ...fileArgument(file)],
    env: {},
  };
}

/** Writes all of an archive as SQL. */
export function pgRestoreSql(programs: Programs): Tool {
  return {
    program: programs.path("pg_restore"),
    argv: ["--no-tablespaces", "--no-subscriptions", "--file=-"],
    env: {},
  };
}

export interface RestoreArguments {
  /** Null: from stdin, which rules out several jobs. */
  readonly file: string | null;
  readonly jobs: number;
  readonly tablespaces: boolean;
  /** File with the entries to restore, as `--list` writes them; null: all. */
  readonly list: string | null;
  /** All or nothing. */
  readonly singleTransaction: boolean;
  /** Goes on after an error; the caller has to read stderr. */
  readonly goOn: boolean;
}

/** Restores an archive into a database that exists. */
export function pgRestore(
  programs: Programs,
  access: Access,
  database: string,
  { file, jobs, tablespaces, list, singleTransaction, goOn }: RestoreArguments,
): Tool {
  return {
    program: programs.path("pg_restore"),
    argv: [
      ...(goOn ? [] : ["--exit-on-error"]),
      "--no-password",
      // A copy must not take the changes that its original is subscribed to.
      "--no-subscriptions",
      ...(singleTransaction ? ["--single-transaction"] : []),
      ...(tablespaces ? [] : ["--no-tablespaces"]),
      ...(list === null ? [] : [`--use-list=${list}`]),
      ...(file === null || jobs < 2 || singleTransaction ? [] : [`--jobs=${jobs}`]),
      `--dbname=dbname=${conninfoValue(database)}`,
      ...fileArgument(file),
    ],
    env: libpqEnv(access, database),
  };
}

/** A value of a libpq connection string. */
function conninfoValue(value: string): string {
  return `'${value.replaceAll(/[\\']/g, "\\$&")}'`;
}

function fileArgument(file: string | null): string[] {
  return file === null ? [] : ["--", file];
}
