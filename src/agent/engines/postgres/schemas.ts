import { quoteIdentifier } from "../../../tools/postgres/sql-tokens.ts";
import type { Access } from "../../../tools/postgres/argv.ts";
import type { AgentContext } from "../../context.ts";
import { openSession, type Session } from "./session.ts";

/** The names of a database's schemas. */
export async function listSchemas(
  access: Access,
  database: string,
  context: AgentContext,
): Promise<readonly string[]> {
  return await inDatabase(access, database, context, async (session) => {
    const rows = await session.rows<{ name: string }>("SELECT nspname AS name FROM pg_catalog.pg_namespace");
    return rows.map(({ name }) => name);
  });
}

/** See `Server.dropSchema`. Without CASCADE: it may reach what somebody built upon the tables. */
export async function dropSchema(
  access: Access,
  database: string,
  schema: string,
  context: AgentContext,
): Promise<void> {
  await inDatabase(access, database, context, async (session) => {
    const tables = await session.rows<{ name: string }>(
      `SELECT c.relname AS name FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname = $1 AND c.relkind = 'r'`,
      [schema],
    );
    const quoted = quoteIdentifier(schema);
    const drops = tables.map(({ name }) => `DROP TABLE ${quoted}.${quoteIdentifier(name)};`);
    await session.script(`${drops.join(" ")} DROP SCHEMA IF EXISTS ${quoted}`);
  });
}

async function inDatabase<Result>(
  access: Access,
  database: string,
  context: AgentContext,
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  const session = await openSession(access, database, context);
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}
