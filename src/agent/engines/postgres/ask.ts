import { Failure } from "../../../errors.ts";
import type { Access } from "../../../tools/postgres/argv.ts";
import type { AgentContext } from "../../context.ts";
import { sqlStatements } from "../../../tools/postgres/sql-tokens.ts";
import { openSession } from "./session.ts";

/** How long an assertion's query may run, as the server writes it. */
const TIME_OUT = "5min";

/**
 * See `Server.ask`. As the application would ask: with the search path that the database has. Reads only.
 * @throws Failure `engine.failed`, also where the query gives no single row.
 */
export async function ask(
  access: Access,
  database: string,
  sql: string,
  context: AgentContext,
): Promise<unknown> {
  const [query, more] = sqlStatements(sql);
  if (query === undefined || more !== undefined) throw wrong("it is not one query", database);
  const session = await openSession(access, database, context);
  try {
    await session.script(
      `RESET search_path; RESET row_security; SET statement_timeout = '${TIME_OUT}'; BEGIN READ ONLY`,
    );
    const rows = await session.rows<{ value: unknown }>(
      `SELECT pg_catalog.to_json(answer.value) AS value FROM (${query.text}) AS answer (value) LIMIT 2`,
    );
    if (rows.length === 1) return rows[0]?.value ?? null;
    throw wrong(`the query gave ${rows.length === 0 ? "no row" : "more than one row"}`, database);
  } finally {
    await session.close();
  }
}

function wrong(what: string, database: string): Failure {
  return new Failure("engine.failed", what, {
    where: `database ${database}`,
    todo: "Ask for one value: one query that gives exactly one row.",
  });
}
