import {
  identifierAt,
  type Statement,
  sqlStatements,
  startsWith,
} from "../../../tools/postgres/sql-tokens.ts";

/** What `pg_dumpall --globals-only` wrote, by what each statement is about. */
export interface Globals {
  readonly roles: readonly Role[];
  /** GRANT role TO member, in their order. */
  readonly memberships: readonly Membership[];
  /** GRANT ... ON PARAMETER ... TO role. */
  readonly parameterGrants: readonly { readonly role: string; readonly sql: string }[];
  /** Names: their directories were of the machine that was backed up. */
  readonly tablespaces: readonly string[];
}

export interface Role {
  readonly name: string;
  /** CREATE, then attributes with the password's verifier, settings and comment: secret. */
  readonly statements: readonly string[];
}

export interface Membership {
  readonly role: string;
  readonly member: string;
  readonly sql: string;
  /** Without GRANTED BY: who granted may not be allowed to on another server. */
  readonly withoutGrantor: string;
}

/** Reads the globals of a backup. What it does not know (SET, grants on tablespaces) is left out. */
export function readGlobals(sql: string): Globals {
  const roles = new Map<string, string[]>();
  const memberships: Membership[] = [];
  const parameterGrants: { role: string; sql: string }[] = [];
  const tablespaces: string[] = [];
  for (const statement of sqlStatements(sql)) {
    const { text } = statement;
    const role = roleOf(statement);
    const on = wordAt(statement, "on");
    const to = wordAt(statement, "to");
    if (role !== null) roles.set(role, [...(roles.get(role) ?? []), text]);
    else if (startsWith(statement, "create", "tablespace"))
      tablespaces.push(identifierAt(statement, 2) ?? "");
    else if (!startsWith(statement, "grant") || to < 0) continue;
    else if (on < 0) memberships.push(membership(statement, to));
    else if (wordAt(statement, "parameter") === on + 1)
      parameterGrants.push({ role: identifierAt(statement, to + 1) ?? "", sql: text });
  }
  return {
    roles: [...roles].map(([name, statements]) => ({ name, statements })),
    memberships,
    parameterGrants,
    tablespaces,
  };
}

/** Of CREATE ROLE, ALTER ROLE (not those for one database), COMMENT and SECURITY LABEL ON ROLE. */
function roleOf(statement: Statement): string | null {
  if (startsWith(statement, "create", "role")) return identifierAt(statement, 2);
  if (startsWith(statement, "alter", "role"))
    return wordAt(statement, "database") === 4 ? null : identifierAt(statement, 2);
  if (startsWith(statement, "comment", "on", "role")) return identifierAt(statement, 3);
  if (!startsWith(statement, "security", "label")) return null;
  const on = wordAt(statement, "on");
  return on > 0 && wordAt(statement, "role") === on + 1 ? identifierAt(statement, on + 2) : null;
}

function membership(statement: Statement, to: number): Membership {
  const { text, tokens } = statement;
  const by = wordAt(statement, "granted");
  return {
    role: identifierAt(statement, 1) ?? "",
    member: identifierAt(statement, to + 1) ?? "",
    sql: text,
    withoutGrantor: by < 0 ? text : text.slice(0, tokens[by]?.start).trimEnd(),
  };
}

function wordAt({ tokens }: Statement, word: string): number {
  return tokens.findIndex((token) => token.kind === "word" && token.value === word);
}
