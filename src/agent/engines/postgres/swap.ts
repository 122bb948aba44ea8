import { setTimeout } from "node:timers/promises";
import { Failure } from "../../../errors.ts";
import { quoteIdentifier } from "../../../tools/postgres/sql-tokens.ts";
import type { Access } from "../../../tools/postgres/argv.ts";
import type { AgentContext } from "../../context.ts";
import { openMaintenance } from "./access.ts";
import { type Session, serverError } from "./session.ts";

/** RENAME waits for five seconds for others to go; after that many times somebody does not. */
const ATTEMPTS = 3;

/** How often the sessions of the databases are ended while RENAME waits. */
const ENDING_MS = 100;

/**
 * See `Server.swap`. Both renames are one transaction, so that a kill at any time leaves the one or the other in
 * place, and no setting is changed that a crash could leave behind: RENAME holds a lock on the database's name before
 * it waits for the sessions in it, so no new one gets in while they are ended (dbcommands.c, RenameDatabase;
 * postinit.c). A new one that waited is told once that the database was renamed, and finds the restored one then.
 */
export async function swapDatabases(
  access: Access,
  restored: string,
  name: string,
  keptAs: string,
  context: AgentContext,
): Promise<void> {
  const renaming = await openMaintenance(access, [], [restored, name, keptAs], context);
  const ending = await openMaintenance(access, [], [restored, name, keptAs], context);
  try {
    const there = await present(renaming, [restored, name, keptAs]);
    if (!there.has(restored)) {
      // Run again after it was done.
      if (there.has(name) && there.has(keptAs)) return;
      throw new Failure("restore.swap-refused", `there is no database ${restored}`);
    }
    if (there.has(name) && there.has(keptAs))
      throw new Failure("restore.swap-refused", `there already is a database ${keptAs}`);
    if (there.has(name)) await refuseBound(renaming, name);
    await renameWhileEnding(renaming, ending, there.has(name), { restored, name, keptAs });
  } finally {
    await Promise.all([renaming.close(), ending.close()]);
  }
}

interface Names {
  readonly restored: string;
  readonly name: string;
  readonly keptAs: string;
}

async function renameWhileEnding(
  renaming: Session,
  ending: Session,
  hasLive: boolean,
  names: Names,
): Promise<void> {
  let done = false;
  // Where it fails, the rename fails too, and says so.
  const ended = endSessions(ending, [names.restored, names.name], () => done).catch(() => {});
  try {
    for (let attempt = 1; !(await rename(renaming, hasLive, names, attempt === ATTEMPTS)); attempt++);
  } finally {
    done = true;
    await ended;
  }
}

async function endSessions(session: Session, databases: string[], done: () => boolean): Promise<void> {
  while (!done()) {
    await session.rows(
      "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE datname = ANY ($1)",
      [databases],
    );
    await setTimeout(ENDING_MS);
  }
}

/** False: somebody was in the way, and it may be tried again. */
async function rename(
  session: Session,
  hasLive: boolean,
  { restored, name, keptAs }: Names,
  last: boolean,
): Promise<boolean> {
  const [from, to, kept] = [restored, name, keptAs].map(quoteIdentifier);
  try {
    await session.script("BEGIN");
    if (hasLive) await grantAsLive(session, name, restored);
    if (hasLive) await session.script(`ALTER DATABASE ${to} RENAME TO ${kept}`);
    await session.script(`ALTER DATABASE ${from} RENAME TO ${to}`);
    await session.script("COMMIT");
    return true;
  } catch (error) {
    await session.script("ROLLBACK").catch(() => {});
    const said = serverError(error);
    // object_in_use
    if (said?.sqlstate !== "55006") throw error;
    if (!last) return false;
    throw new Failure("restore.swap-refused", `sessions in ${name} do not end`, {
      ...(said.detail === null ? {} : { detail: said.detail }),
    });
  }
}

async function present(session: Session, names: readonly string[]): Promise<Set<string>> {
  const rows = await session.rows<{ name: string }>(
    "SELECT datname AS name FROM pg_catalog.pg_database WHERE datname = ANY ($1)",
    [names],
  );
  return new Set(rows.map(({ name }) => name));
}

/** What stays with the old database when it is renamed, and would go on there unnoticed. */
async function refuseBound(session: Session, name: string): Promise<void> {
  const bound = await session.rows<{ what: string }>(
    `SELECT 'logical replication slot ' || slot_name AS what FROM pg_catalog.pg_replication_slots WHERE database = $1
      UNION ALL SELECT 'prepared transaction ' || gid FROM pg_catalog.pg_prepared_xacts WHERE database = $1
      UNION ALL SELECT 'subscription ' || s.subname FROM pg_catalog.pg_subscription AS s
        JOIN pg_catalog.pg_database AS d ON d.oid = s.subdbid WHERE d.datname = $1`,
    [name],
  );
  if (bound.length === 0) return;
  const what = bound.map((row) => row.what).join(", ");
  throw new Failure("restore.swap-refused", `${name} is bound to ${what}`);
}

/** A dump without privileges (the gem's) has no grants on its database: those of the live one go on. */
async function grantAsLive(session: Session, live: string, restored: string): Promise<void> {
  const [acl] = await session.rows<{ copied: boolean }>(
    `SELECT d.datacl IS NOT NULL AND n.datacl IS NULL AS copied
      FROM pg_catalog.pg_database AS d, pg_catalog.pg_database AS n WHERE d.datname = $1 AND n.datname = $2`,
    [live, restored],
  );
  if (acl?.copied !== true) return;
  const on = `ON DATABASE ${quoteIdentifier(restored)}`;
  await session.script(`REVOKE ALL ${on} FROM PUBLIC`);
  const grants = await session.rows<{ grantee: string | null; privilege: string; option: boolean }>(
    `SELECT r.rolname AS grantee, a.privilege_type AS privilege, a.is_grantable AS option
      FROM pg_catalog.pg_database AS d CROSS JOIN aclexplode(d.datacl) AS a
      LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = a.grantee
      WHERE d.datname = $1 AND a.grantee <> (SELECT datdba FROM pg_catalog.pg_database WHERE datname = $2)`,
    [live, restored],
  );
  for (const { grantee, privilege, option } of grants) {
    const to = grantee === null ? "PUBLIC" : quoteIdentifier(grantee);
    await session.script(`GRANT ${privilege} ${on} TO ${to}${option ? " WITH GRANT OPTION" : ""}`);
  }
}
