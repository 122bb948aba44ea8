import { setMaxListeners } from "node:events";
import pg from "pg";
import { Failure } from "../../../errors.ts";
import type { Access } from "../../../tools/postgres/argv.ts";
import type { AgentContext } from "../../context.ts";

/** A connection to one database. */
export interface Session {
  readonly database: string;
  /** Rows of one statement. Failure `engine.failed` with the server's words; a Failure when the work was stopped. */
  rows<Row extends object>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Results of several statements without parameters, one list of rows each. */
  script(sql: string): Promise<object[][]>;
  /** Safe to call at any time, several times; never throws. */
  close(): Promise<void>;
}

/** The server's own error: its SQLSTATE and words. */
export interface ServerError {
  readonly sqlstate: string;
  readonly message: string;
  /** Null for violated constraints (class 23), where it is a row. */
  readonly detail: string | null;
}

const CONNECT_MS = 10_000;

/**
 * Alone and before anything else: who owns a database sets its search_path, and by it an operator of theirs would be
 * run in our next statement, as the superuser (CVE-2018-1058). This one has nothing that is looked up by the path.
 */
const EMPTY_PATH = "SELECT pg_catalog.set_config('search_path', '', false)";

/**
 * Time-outs that a server, database or role may set would end a long dump or restore, so they are off. A backend whose
 * client is gone notices within five seconds. Names that a version does not know are passed over.
 */
const SETTINGS = `SELECT pg_catalog.set_config(name, value, false) FROM (VALUES
  ('statement_timeout', '0'), ('lock_timeout', '0'), ('idle_in_transaction_session_timeout', '0'),
  ('idle_session_timeout', '0'), ('transaction_timeout', '0'), ('client_connection_check_interval', '5s'),
  ('default_transaction_read_only', 'off'), ('row_security', 'off'), ('DateStyle', 'ISO'),
  ('extra_float_digits', '1'), ('standard_conforming_strings', 'on'), ('max_parallel_workers_per_gather', '0')
  ) AS wanted (name, value) WHERE name IN (SELECT s.name FROM pg_catalog.pg_settings AS s)`;

/**
 * Connects, within ten seconds.
 * @throws Failure `engine.unreachable`, `engine.refused`, `engine.database-missing`
 */
export async function openSession(access: Access, database: string, context: AgentContext): Promise<Session> {
  const client = await connected(access, database, context);
  let lost: Error | null = null;
  let closing: Promise<void> | null = null;
  client.on("error", (error) => {
    lost = error;
  });
  const close = (): Promise<void> => {
    context.signal.removeEventListener("abort", drop);
    closing ??= client.end().catch(() => {});
    return closing;
  };
  const drop = (): void => {
    lost = new Error("stopped");
    destroy(client);
  };
  // One listener a session, and a server may have many databases: no leak that Node has to warn of.
  setMaxListeners(0, context.signal);
  context.signal.addEventListener("abort", drop, { once: true });

  const ask = async (sql: string, values: readonly unknown[] | null): Promise<pg.QueryResult[]> => {
    if (lost !== null) throw sessionLost(database, access, lost, context);
    try {
      const result = values === null ? await client.query(sql) : await client.query(sql, [...values]);
      return Array.isArray(result) ? result : [result];
    } catch (error) {
      if (lost !== null) throw sessionLost(database, access, lost, context);
      throw asFailure(error, database, access, context);
    }
  };
  const session: Session = {
    database,
    rows: async <Row extends object>(sql: string, values: readonly unknown[] = []) =>
      ((await ask(sql, values))[0]?.rows ?? []) as Row[],
    script: async (sql) => (await ask(sql, null)).map((result) => result.rows as object[]),
    close,
  };
  if (context.signal.aborted) drop();
  try {
    await session.script(EMPTY_PATH);
    await session.script(SETTINGS);
  } catch (error) {
    await close();
    throw error;
  }
  return session;
}

/** What the server said, where a Failure comes from it. */
export function serverError(error: unknown): ServerError | null {
  const cause = error instanceof Failure ? error.cause : error;
  if (!(cause instanceof pg.DatabaseError) || cause.code === undefined) return null;
  const detail = cause.code.startsWith("23") ? null : (cause.detail ?? null);
  return { sqlstate: cause.code, message: cause.message, detail };
}

/** Where a server is, in words. */
export function place({ host, port }: Access): string {
  return host.startsWith("/") ? `socket ${host}` : `${host}:${port}`;
}

/** As libpq's `sslmode=prefer`, the other way round: plain, and TLS where the server wants it. */
async function connected(access: Access, database: string, context: AgentContext): Promise<pg.Client> {
  try {
    return await connect(access, database, false);
  } catch (error) {
    if (!wantsTls(error)) throw refusal(error, access, database, context);
  }
  try {
    return await connect(access, database, true);
  } catch (error) {
    throw refusal(error, access, database, context);
  }
}

async function connect(access: Access, database: string, tls: boolean): Promise<pg.Client> {
  const client = new pg.Client({
    host: access.host,
    port: access.port,
    user: access.user,
    // Not undefined: pg would look for one in this process's environment.
    password: access.password ?? "",
    database,
    connectionTimeoutMillis: CONNECT_MS,
    application_name: "kamal-backup",
    keepAlive: true,
    ssl: tls ? { rejectUnauthorized: false } : false,
  });
  client.on("error", () => {});
  try {
    await client.connect();
    return client;
  } catch (error) {
    destroy(client);
    throw error;
  }
}

function wantsTls(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === "28000" && /no encryption/.test(error.message);
}

/** Drops the connection without a word: `end` waits for the running query. */
function destroy(client: pg.Client): void {
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
}

function refusal(error: unknown, access: Access, database: string, context: AgentContext): Failure {
  const where = `${place(access)}, database ${database}`;
  const said = context.redact(error instanceof Error ? error.message : String(error));
  const options = { where, detail: said, cause: error };
  const sqlstate = serverError(error)?.sqlstate ?? "";
  if (sqlstate.startsWith("28"))
    return new Failure("engine.refused", "the server refused the user or the password", options);
  if (sqlstate === "3D000")
    return new Failure("engine.database-missing", `there is no database ${database}`, options);
  if (sqlstate === "57P03")
    return new Failure("engine.unreachable", "the server is starting up or shutting down", options);
  if (sqlstate !== "") return new Failure("engine.refused", "the server refused the connection", options);
  return new Failure("engine.unreachable", "the server does not answer", options);
}

function sessionLost(database: string, access: Access, lost: Error, context: AgentContext): Failure {
  const options = { where: `${place(access)}, database ${database}`, detail: context.redact(lost.message) };
  if (context.signal.aborted) return new Failure("engine.failed", "the work was stopped", options);
  return new Failure("engine.unreachable", "the connection to the server was lost", options);
}

function asFailure(error: unknown, database: string, access: Access, context: AgentContext): Failure {
  const said = error instanceof Error ? error.message : String(error);
  const detail = serverError(error)?.detail;
  return new Failure("engine.failed", `the server says: ${context.redact(said)}`, {
    where: `${place(access)}, database ${database}`,
    ...(detail ? { detail: context.redact(detail) } : {}),
    cause: error,
  });
}
