import { identifier, literal } from "../../../tools/mariadb/sql.ts";
import type { Client } from "./client.ts";

/** Accounts that the servers and their images make for themselves; `root` has the password of its own image. */
const SYSTEM_USERS = [
  "mysql.sys",
  "mysql.session",
  "mysql.infoschema",
  "mariadb.sys",
  "root",
  "mysql",
  "healthcheck",
  "PUBLIC",
  "",
];

/** An account, or (`host` null) a role of MariaDB. */
export interface Account {
  readonly user: string;
  readonly host: string | null;
}

/** All accounts but those of the system. */
export async function listAccounts(client: Client): Promise<readonly Account[]> {
  const rows = client.server.isMariadb
    ? await client.query("SELECT User, Host, is_role FROM mysql.user")
    : // Roles are locked accounts: they come first, so that what names them finds them.
      await client.query("SELECT User, Host, 'N' FROM mysql.user ORDER BY account_locked DESC, User, Host");
  const accounts = rows
    .map(([user = "", host = "", role]) => ({ user, host: role === "Y" ? null : host }))
    .filter(({ user }) => !SYSTEM_USERS.includes(user));
  return client.server.isMariadb ? accounts.sort(rolesFirst) : accounts;
}

function rolesFirst(one: Account, other: Account): number {
  if ((one.host === null) !== (other.host === null)) return one.host === null ? -1 : 1;
  return accountName(one) < accountName(other) ? -1 : 1;
}

/** As statements name it. */
export function accountName({ user, host }: Account): string {
  return host === null ? identifier(user) : `${literal(user)}@${literal(host)}`;
}

/**
 * Users, roles and grants as SQL, passwords as their hashes. Each account's statements follow a line `-- account NAME`.
 * What exists already is left as it is by the CREATE statements; who restores leaves out its grants as well.
 */
export async function readGlobals(client: Client): Promise<string> {
  const accounts = await listAccounts(client);
  const created = [familyLine(client)];
  const granted: string[] = [];
  for (const account of accounts) {
    const name = accountName(account);
    const mark = `-- account ${JSON.stringify([account.user, account.host])}`;
    created.push(mark);
    if (account.host === null) created.push(`CREATE ROLE IF NOT EXISTS ${name};`);
    else {
      const rows = await client.query(`${hashesAsHex(client)}SHOW CREATE USER ${name}`);
      for (const [statement = ""] of rows)
        created.push(`${statement.replace(/^CREATE USER /, "CREATE USER IF NOT EXISTS ")};`);
    }
    granted.push(mark);
    for (const [grant = ""] of await client.query(`SHOW GRANTS FOR ${name}`))
      granted.push(`${withoutPassword(grant)};`);
  }
  return [...created, GRANTS_FOLLOW, ...granted, ""].join("\n");
}

/** The two families write passwords in ways that the other one does not read. */
function familyLine({ server }: Client): string {
  return `-- users of ${server.isMariadb ? "MariaDB" : "MySQL"}`;
}

/** Whether users that `readGlobals` wrote down can be made on this server. */
export function isOfFamily(sql: string, client: Client): boolean {
  return sql.startsWith(`${familyLine(client)}\n`);
}

const GRANTS_FOLLOW = "-- grants";

/** The two halves of what `readGlobals` gave: grants may be on tables, which have to be there then. */
export function splitGlobals(sql: string): { readonly users: string; readonly grants: string } {
  const at = sql.indexOf(`${GRANTS_FOLLOW}\n`);
  return at === -1 ? { users: sql, grants: "" } : { users: sql.slice(0, at), grants: sql.slice(at) };
}

/** The hashes of MySQL's caching_sha2_password are no text. */
function hashesAsHex({ server }: Client): string {
  return !server.isMariadb && server.major >= 8 ? "SET print_identified_with_as_hex = ON; " : "";
}

/** MariaDB repeats the password in the first grant, which would change the one of an account that exists. */
export function withoutPassword(grant: string): string {
  return grant.replace(
    / IDENTIFIED (?:BY PASSWORD '[^']*'|VIA \S+(?: USING '[^']*')?(?: OR \S+(?: USING '[^']*')?)*)/,
    "",
  );
}

/** The statements of those accounts that are not among the existing ones. */
export function globalsWithout(sql: string, existing: readonly Account[]): string {
  const known = new Set(existing.map(({ user, host }) => JSON.stringify([user, host])));
  let keep = true;
  return sql
    .split("\n")
    .filter((line) => {
      const mark = /^-- account (.*)$/.exec(line);
      if (mark !== null) keep = !known.has(mark[1] ?? "");
      return keep;
    })
    .join("\n");
}

/** The statement is about a table, a column or a routine that is not there (yet): 1146, 1054, 1305. */
export function grantsOnAbsent(stderr: string): { readonly absent: string[]; readonly others: string[] } {
  const errors = stderr.split("\n").filter((line) => line.startsWith("ERROR "));
  const isAbsent = (line: string): boolean => /^ERROR (?:1146|1054|1305) /.test(line);
  return { absent: errors.filter(isAbsent), others: errors.filter((line) => !isAbsent(line)) };
}
