import { Failure } from "../../errors.ts";
import type { LocalDatabase, LocalUrl } from "./local-database.ts";
import { requireReadable } from "./require-readable.ts";
import { runLocal } from "./run-local.ts";

const INSTALL = "the PostgreSQL client (postgresql-client, libpq)";

const JOBS = 4;

/** Relations of the user's own, whatever their schema. */
const TABLES = `select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm', 'S', 'f') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`;

/** By libpq's environment: the password is in no argv (postgresql.org/docs/current/libpq-envars.html). */
export function localPostgres(url: LocalUrl): LocalDatabase {
  const env = environment(url);
  const { database } = url;
  const psql = (on: string, sql: string, signal: AbortSignal) =>
    runLocal(
      {
        program: "psql",
        argv: ["-X", "-q", "-A", "-t", "-w", "-v", "ON_ERROR_STOP=1", "-f", "-"],
        env: { ...env, PGDATABASE: on },
      },
      INSTALL,
      { signal, stdin: `${sql.replace(/[\s;]+$/, "")}\n;\n` },
    );
  const pgRestore = (argv: readonly string[], signal: AbortSignal) =>
    runLocal({ program: "pg_restore", argv, env }, INSTALL, { signal });
  // Not by the path of the database, which may lead to operators of its own.
  const own = (on: string, sql: string, signal: AbortSignal) =>
    psql(on, `set search_path = '';\n${sql}`, signal);
  const exists = async (signal: AbortSignal) =>
    (
      await own("postgres", `select 1 from pg_database where datname = ${literal(database)}`, signal)
    ).trim() === "1";
  return {
    name: database,
    hasTables: async (signal) =>
      (await exists(signal)) && (await own(database, TABLES, signal)).trim() !== "0",
    async restore(file, signal) {
      await requireReadable(file, (argv) => pgRestore(argv, signal));
      const fresh = nameBeside(database);
      // What has begun to take the old one's place is brought to its end.
      const patient = new AbortController().signal;
      try {
        // Each by itself: they run in no transaction block. There is one where an earlier restore was killed.
        await own("postgres", drop(fresh), signal);
        await own("postgres", `create database ${identifier(fresh)} template template0`, signal);
        // Roles of production need not be here: what they own belongs to whoever restores.
        const argv = ["--no-owner", "--no-privileges", "--exit-on-error", `--jobs=${JOBS}`];
        await pgRestore([...argv, "-w", "-d", connectionName(fresh), file], signal);
      } catch (error) {
        // Where this fails as well, the next restore does it.
        await own("postgres", drop(fresh), patient).catch(() => {});
        throw error;
      }
      try {
        await own("postgres", drop(database), patient);
        await own("postgres", rename(fresh, database), patient);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        // A connection that broke does not tell whether the old one is gone: the new one stays.
        const todo = `What was restored is whole, in the database ${fresh}. Drop ${database} where it is still there, then: ${rename(fresh, database)};`;
        throw new Failure("local.failed", error.message, { todo, detail: error.detail ?? "", cause: error });
      }
    },
    async ask(sql, signal) {
      const query = sql.replace(/[\s;]+$/, "");
      const value = await psql(database, `select to_json(v) from (\n${query}\n) as q(v)`, signal);
      return value.trim() === "" ? null : (JSON.parse(value) as unknown);
    },
  };
}

function environment({ host, port, user, password, options }: LocalUrl): Record<string, string> {
  const known: Readonly<Record<string, string>> = {
    PGHOST: host || (options["host"] ?? ""),
    PGPORT: port,
    PGUSER: user,
    PGPASSWORD: password,
    PGSSLMODE: options["sslmode"] ?? "",
    PGSSLROOTCERT: options["sslrootcert"] ?? "",
    PGCONNECT_TIMEOUT: options["connect_timeout"] ?? "10",
  };
  const set = Object.entries(known).filter(([, value]) => value !== "");
  return { ...Object.fromEntries(set), PGCLIENTENCODING: "UTF8" };
}

/** Of the database that is restored into before it takes its place. Postgres cuts names at 63 bytes. */
function nameBeside(database: string): string {
  const head = Buffer.from(database)
    .subarray(0, 40)
    .toString()
    .replace(/\uFFFD+$/, "");
  return `${head}_kamal_backup_new`;
}

function drop(database: string): string {
  return `drop database if exists ${identifier(database)} with (force)`;
}

function rename(database: string, to: string): string {
  return `alter database ${identifier(database)} rename to ${identifier(to)}`;
}

/** libpq takes a name with `=` for a connection string. */
function connectionName(database: string): string {
  return `dbname='${database.replaceAll(/['\\]/g, "\\$&")}'`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function identifier(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
