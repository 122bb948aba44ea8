import type { LocalDatabase, LocalUrl } from "./local-database.ts";
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
    async recreate(signal) {
      // Two statements: neither runs in a transaction block.
      await own("postgres", `drop database if exists ${identifier(database)} with (force)`, signal);
      await own("postgres", `create database ${identifier(database)} template template0`, signal);
    },
    // Roles of production need not be here: what they own belongs to whoever restores.
    async restore(file, signal) {
      const argv = [
        "--no-owner",
        "--no-privileges",
        "--exit-on-error",
        `--jobs=${JOBS}`,
        "-w",
        "-d",
        connectionName(database),
        file,
      ];
      await runLocal({ program: "pg_restore", argv, env }, INSTALL, { signal });
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
