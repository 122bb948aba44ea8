import { quoteIdentifier, quoteLiteral } from "../../../tools/postgres/sql-tokens.ts";
import { type Contents, renamed } from "./contents.ts";
import type { Globals } from "./globals.ts";

/**
 * What a dump's SQL needs before it, in a script for psql that runs as a superuser in an existing database: the roles
 * that are missing, their memberships and grants, and the database's owner, settings and grants under its name there.
 * Roles that exist stay as they are.
 * @param globals null: of roles nothing is known but the names that the dump has.
 */
export function plainPreamble(contents: Contents, globals: Globals | null): string {
  const known = new Set(globals?.roles.map(({ name }) => name));
  const unknown = contents.roles.filter((name) => !known.has(name) && !name.startsWith("pg_"));
  const statements = [
    ...(globals?.roles ?? []).map(({ name, statements: made }) => unlessThere(name, made)),
    ...unknown.map((name) => unlessThere(name, [`CREATE ROLE ${quoteIdentifier(name)}`])),
    ...(globals?.memberships ?? []).map(({ withoutGrantor }) => `${withoutGrantor};`),
    ...(globals?.parameterGrants ?? []).map(({ sql }) => `${sql};`),
    ...contents.properties.map((property) => `${renamed(property, ':"DBNAME"')};`),
  ];
  return `-- Written by kamal-backup, for psql -v ON_ERROR_STOP=1 as a superuser in an empty database.
-- It holds the verifiers of passwords: keep it as secret as they are.

SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SET client_min_messages = warning;
SET search_path = '';

${statements.join("\n")}

`;
}

function unlessThere(role: string, statements: readonly string[]): string {
  const body = statements.map((statement) => `    ${statement};`).join("\n");
  const block = `BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = ${quoteLiteral(role)}) THEN
${body}
  END IF;
END`;
  let tag = "$role$";
  for (let number = 1; block.includes(tag); number++) tag = `$role${number}$`;
  return `DO ${tag}\n${block}\n${tag};`;
}
