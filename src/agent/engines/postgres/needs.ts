import { Failure } from "../../../errors.ts";
import { quoteIdentifier } from "../../../tools/postgres/sql-tokens.ts";
import type { AgentContext } from "../../context.ts";
import type { Contents } from "./contents.ts";
import type { Session } from "./session.ts";

/**
 * Looks for what a dump needs of a server, before anything is made. A throwaway gets the roles that are missing (a dump
 * of the gem comes without globals), without login and password; in production they would be roles that nobody can
 * log in with, so they are refused there.
 * @returns whether the dump's tablespaces are all there; without them everything goes to the default one.
 * @throws Failure `drill.extension-missing`, `restore.failed`, `restore.roles-missing`
 */
export async function refuseMissing(
  session: Session,
  { extensions, roles, tablespaces }: Contents,
  throwaway: boolean,
  context: AgentContext,
): Promise<{ tablespaces: boolean }> {
  const noExtension = await absent(
    session,
    extensions,
    "SELECT name FROM pg_catalog.pg_available_extensions",
  );
  if (noExtension.length > 0)
    throw new Failure(
      throwaway ? "drill.extension-missing" : "restore.failed",
      `the dump needs ${noExtension.length === 1 ? "extension" : "extensions"} ${noExtension.join(", ")}, which this server does not have`,
    );
  const noRole = await absent(session, roles, "SELECT rolname FROM pg_catalog.pg_roles");
  if (noRole.length > 0 && !throwaway)
    throw new Failure(
      "restore.roles-missing",
      `the dump needs roles that are not there: ${noRole.join(", ")}`,
    );
  for (const role of noRole) await session.script(`CREATE ROLE ${quoteIdentifier(role)}`);
  const noTablespace = await absent(session, tablespaces, "SELECT spcname FROM pg_catalog.pg_tablespace");
  if (noTablespace.length > 0)
    context.log(`tablespace ${noTablespace.join(", ")} is not there: all goes to the default one`);
  return { tablespaces: noTablespace.length === 0 };
}

async function absent(session: Session, names: readonly string[], present: string): Promise<string[]> {
  const rows = await session.rows<{ name: string }>(
    `SELECT name FROM unnest($1::text[]) AS wanted (name) WHERE name NOT IN (${present})`,
    [names],
  );
  return rows.map(({ name }) => name);
}
