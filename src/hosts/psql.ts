import { Failure } from "../errors.ts";

/** How psql is run inside a container. */
export interface SessionOptions {
  readonly statementTimeoutSeconds: number;
  /** Statements may only read. */
  readonly readOnly: boolean;
  /** The first failing statement ends the session, with exit status 3 and SQLSTATEs in the messages. */
  readonly stopOnError: boolean;
}

const LOCK_TIMEOUT_SECONDS = 5;

/**
 * In the container: the superuser and database of the official image's contract (hub.docker.com/_/postgres), over the
 * local socket. PGUSER and PGDATABASE instead of options, because psql reads a database name with `=` as a connection
 * string. Values that libpq would take from the container's own environment are cleared, but for PGPORT, which the
 * server reads too.
 */
const IN_CONTAINER = [
  "unset PGHOST PGHOSTADDR PGSERVICE PGSERVICEFILE PGPASSFILE",
  'u=${POSTGRES_USER:-}; if [ -z "$u" ] && [ -n "${POSTGRES_USER_FILE:-}" ]; then u=$(cat "$POSTGRES_USER_FILE"); fi',
  'd=${POSTGRES_DB:-}; if [ -z "$d" ] && [ -n "${POSTGRES_DB_FILE:-}" ]; then d=$(cat "$POSTGRES_DB_FILE"); fi',
  'export PGUSER="${u:-postgres}"',
  'export PGDATABASE="${d:-$PGUSER}" PGCLIENTENCODING=UTF8 PGAPPNAME=kamal-backup LC_ALL=C',
  'exec psql -X -q -A -t -w -P null=null "$@"',
].join("\n");

/** The command on the host. It holds nothing of the statements: the session's text goes to its stdin. */
export function psqlArgv(container: string, options: SessionOptions): readonly string[] {
  const settings = [
    // Who owns a database sets the path by which it looks up operators and functions: theirs would run as the
    // superuser (CVE-2018-1058). What the client sets goes before that, from the first statement on.
    "search_path=",
    `statement_timeout=${options.statementTimeoutSeconds}s`,
    `lock_timeout=${LOCK_TIMEOUT_SECONDS}s`,
    "client_min_messages=warning",
    // Both the message and the statement of a failure may show a parameter; we report the failure ourselves.
    "log_min_messages=fatal",
    "log_min_error_statement=panic",
    ...(options.readOnly ? ["default_transaction_read_only=on"] : []),
  ];
  const pgOptions = `PGOPTIONS=${settings.map((setting) => `-c ${setting}`).join(" ")}`;
  const flags = options.stopOnError ? ["-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=verbose"] : [];
  return ["docker", "exec", "-i", "-e", pgOptions, container, "sh", "-c", IN_CONTAINER, "psql", ...flags];
}

/** `\set` lines that give psql its variables, for `:'name'` and `:"name"` in the statements after them. */
export function setVariables(params: Readonly<Record<string, string>>): string {
  return Object.entries(params)
    .map(([name, value]) => {
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
        throw new Failure("internal.bug", `${name} is no name of a psql variable`);
      return `\\set ${name} ${metaArgument(value)}\n`;
    })
    .join("");
}

/** Takes the variables away again, so that the next statement of the session cannot see them. */
export function unsetVariables(params: Readonly<Record<string, unknown>>): string {
  return Object.keys(params)
    .map((name) => `\\unset ${name}\n`)
    .join("");
}

/**
 * A value as a quoted argument of a psql meta-command (postgresql.org/docs/current/app-psql.html, Meta-Commands):
 * inside single quotes a quote is doubled and a backslash starts a C-like escape. A newline would end the command.
 */
export function metaArgument(value: string): string {
  const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", "'": "''", "\n": "\\n", "\r": "\\r" };
  return `'${value.replace(/[\\'\n\r]/g, (character) => escapes[character] ?? character)}'`;
}

/** The statement with one semicolon at its end: psql's ERROR variable tells of the last one sent, even an empty one. */
export function terminated(statement: string): string {
  return `${statement.replace(/[\s;]+$/, "")}\n;\n`;
}
