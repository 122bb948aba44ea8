import type { Facts } from "../../../model/ledger.ts";
import type { Access } from "../../../tools/postgres/argv.ts";
import type { AgentContext } from "../../context.ts";
import { SCHEMA_NAMES } from "./facts-sql.ts";
import { openSession, type Session, serverError } from "./session.ts";

const DEPENDENT_OBJECTS_STILL_EXIST = "2BP01";

/**
 * Every new database has a schema `public` and the language `plpgsql`; for one in which they were dropped, pg_dump
 * writes nothing. They go after the restore, unless something came back in them: that is for the comparison to tell.
 * @throws Failure `engine.failed`
 */
export async function dropUnrecorded(
  access: Access,
  database: string,
  recorded: Facts,
  context: AgentContext,
): Promise<void> {
  const session = await openSession(access, database, context);
  try {
    if (!Object.hasOwn(recorded.extensions, "plpgsql"))
      await dropUnused(session, "EXTENSION IF EXISTS plpgsql");
    const names = (await session.rows<{ name: string }>(SCHEMA_NAMES)).map(({ name }) => name);
    // Of schemas only the number is recorded.
    const isOneTooMany = names.length === (recorded.objects["schemas"] ?? 0) + 1;
    if (isOneTooMany && names.includes("public")) await dropUnused(session, "SCHEMA public");
  } finally {
    await session.close();
  }
}

async function dropUnused(session: Session, what: string): Promise<void> {
  try {
    await session.script(`DROP ${what} RESTRICT`);
  } catch (error) {
    if (serverError(error)?.sqlstate !== DEPENDENT_OBJECTS_STILL_EXIST) throw error;
  }
}
