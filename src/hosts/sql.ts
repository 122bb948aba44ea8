import { Failure } from "../errors.ts";
import type { Hosts } from "./hosts.ts";
import { psqlArgv, setVariables, terminated } from "./psql.ts";
import { redact } from "./redact.ts";

export interface SqlRequest {
  readonly host: string;
  readonly container: string;
  /** One or more statements; the first that fails ends the run. */
  readonly statement: string;
  /** Revealed values for `:'name'` and `:"name"`; they travel on stdin. */
  readonly params: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** For each statement, on the server; the session as a whole gets some seconds more. */
  readonly timeoutSeconds: number;
}

const SESSION_GRACE_SECONDS = 10;

/**
 * Runs statements with psql inside a container and returns the rows as text: a line a row, `|` between columns, `null`
 * for NULL. Throws `sql.failed` with the server's message and SQLSTATE, or with docker's message when the session did
 * not come about; parameters are shown by their names. Throws `host.*` too.
 */
export async function runSql(hosts: Hosts, request: SqlRequest): Promise<string> {
  const { host, container, params, timeoutSeconds, signal } = request;
  const session = { statementTimeoutSeconds: timeoutSeconds, readOnly: false, stopOnError: true };
  const { code, stdout, stderr } = await hosts.exec(host, psqlArgv(container, session), {
    stdin: `${setVariables(params)}${terminated(request.statement)}`,
    timeoutSeconds: timeoutSeconds + SESSION_GRACE_SECONDS,
    ...(signal ? { signal } : {}),
  });
  if (code === 0) return stdout;
  // Redacted as a whole: a parameter of several lines would otherwise be cut at its first.
  const { message, notes } = serverMessage(redact(stderr, params), code);
  throw new Failure("sql.failed", message, {
    where: `${container} on host ${host}`,
    ...(notes === "" ? {} : { detail: notes }),
  });
}

/**
 * psql's verbose error is `ERROR:  SQLSTATE: message`, then LINE with an excerpt of the statement (which may cut a
 * parameter in two, so it is dropped), DETAIL, HINT and LOCATION.
 */
function serverMessage(stderr: string, code: number): { message: string; notes: string } {
  const lines = stderr.trim().split("\n");
  const error = lines
    .map((line) => /(?:ERROR|FATAL|PANIC):\s+([0-9A-Z]{5}): (.*)$/.exec(line))
    .find((found) => found !== null);
  if (error) {
    const notes = lines.filter((line) => /^(DETAIL|HINT): /.test(line)).join("\n");
    return { message: `the server refused: ${error[2]} (SQLSTATE ${error[1]})`, notes };
  }
  const said = lines
    .filter((line) => !/^LINE \d+:|^\s*\^/.test(line))
    .slice(-5)
    .join("\n");
  return { message: `psql exited with ${code}: ${said || "it said nothing"}`, notes: "" };
}
