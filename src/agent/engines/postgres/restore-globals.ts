import { Failure } from "../../../errors.ts";
import type { Access } from "../../../tools/postgres/argv.ts";
import type { AgentContext } from "../../context.ts";
import { openMaintenance } from "./access.ts";
import { type Globals, type Membership, readGlobals } from "./globals.ts";
import { type Session, serverError } from "./session.ts";

/** The statements hold verifiers of passwords: the server's log must not have them. */
const KEEP_OUT_OF_LOG = `SET LOCAL log_statement = 'none'; SET LOCAL log_min_error_statement = 'panic';
  SET LOCAL log_min_duration_statement = -1`;

/** insufficient_privilege, undefined_object, invalid_grantor */
const GRANTOR_REFUSED = new Set(["42501", "42704", "0L000"]);

/**
 * Makes the roles that are missing, with their passwords, settings, memberships and grants on parameters, in one
 * transaction. Roles that exist stay as they are, and so do memberships among them.
 * @returns the names of the roles that it made
 */
export async function restoreGlobals(
  access: Access,
  sql: string,
  context: AgentContext,
): Promise<readonly string[]> {
  const globals = readGlobals(sql);
  const session = await openMaintenance(access, [], [], context);
  try {
    const created = await absentRoles(session, globals);
    await session.script(`BEGIN; ${KEEP_OUT_OF_LOG}`);
    for (const role of globals.roles.filter(({ name }) => created.has(name)))
      for (const statement of role.statements) await apply(session, statement, `role ${role.name}`);
    for (const membership of globals.memberships)
      if (created.has(membership.role) || created.has(membership.member)) await grant(session, membership);
    for (const { role, sql: grantSql } of globals.parameterGrants)
      if (created.has(role)) await apply(session, grantSql, `grants of role ${role}`);
    await session.script("COMMIT");
    await tellTablespaces(session, globals, context);
    return [...created];
  } finally {
    await session.close();
  }
}

async function absentRoles(session: Session, { roles }: Globals): Promise<Set<string>> {
  const rows = await session.rows<{ name: string }>(
    `SELECT name FROM unnest($1::text[]) AS wanted (name)
      WHERE name NOT IN (SELECT rolname FROM pg_catalog.pg_roles)`,
    [roles.map(({ name }) => name)],
  );
  return new Set(rows.map(({ name }) => name));
}

/** The failure says whose statement it was and not the statement, which may hold a verifier. */
async function apply(session: Session, sql: string, whose: string): Promise<void> {
  try {
    await session.script(sql);
  } catch (error) {
    const said = serverError(error);
    if (said === null) throw error;
    throw new Failure("restore.failed", `${whose} could not be restored: ${said.message}`);
  }
}

/** From PostgreSQL 16 on a grantor needs the right to grant, which another server's superuser does not have here. */
async function grant(session: Session, { role, member, sql, withoutGrantor }: Membership): Promise<void> {
  const whose = `membership of ${member} in ${role}`;
  await session.script("SAVEPOINT membership");
  try {
    await session.script(sql);
  } catch (error) {
    if (!GRANTOR_REFUSED.has(serverError(error)?.sqlstate ?? "")) throw error;
    await session.script("ROLLBACK TO SAVEPOINT membership");
    await apply(session, withoutGrantor, whose);
  }
  await session.script("RELEASE SAVEPOINT membership");
}

async function tellTablespaces(
  session: Session,
  { tablespaces }: Globals,
  context: AgentContext,
): Promise<void> {
  const rows = await session.rows<{ name: string }>("SELECT spcname AS name FROM pg_catalog.pg_tablespace");
  const there = new Set(rows.map(({ name }) => name));
  const missing = tablespaces.filter((name) => !there.has(name));
  if (missing.length > 0)
    context.log(`tablespace ${missing.join(", ")} is not made: its directory was another machine's`);
}
