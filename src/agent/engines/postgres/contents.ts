import {
  identifierAt,
  type Statement,
  sqlStatements,
  startsWith,
  type Token,
} from "../../../tools/postgres/sql-tokens.ts";

/** What a dump says of its database, and what it needs of a server. */
export interface Contents {
  /** CREATE DATABASE; null where the dump has none. */
  readonly create: DatabaseStatement | null;
  /** Owner, settings, comment, limit and grants of the database, in their order. */
  readonly properties: readonly DatabaseStatement[];
  /** Roles that own something, are granted something or are named in a policy. */
  readonly roles: readonly string[];
  readonly extensions: readonly string[];
  readonly tablespaces: readonly string[];
}

/** A statement that names its database, and where. */
export interface DatabaseStatement {
  readonly statement: Statement;
  /** Index of the token with the name; null: it names none (SET SESSION AUTHORIZATION around a grant). */
  readonly nameAt: number | null;
}

/** Reads the SQL of `pg_restore --create --schema-only`. */
export function readContents(schemaSql: string): Contents {
  let create: DatabaseStatement | null = null;
  const properties: DatabaseStatement[] = [];
  const roles = new Set<string>();
  const extensions = new Set<string>();
  const tablespaces = new Set<string>();
  let authorization: Statement | null = null;
  for (const statement of sqlStatements(schemaSql)) {
    for (const role of rolesOf(statement)) roles.add(role);
    const extension = extensionOf(statement);
    if (extension !== null) extensions.add(extension);
    const tablespace = tablespaceOf(statement);
    if (tablespace !== null) tablespaces.add(tablespace);
    if (startsWith(statement, "set", "session", "authorization")) authorization = statement;
    if (startsWith(statement, "reset", "session", "authorization")) authorization = null;
    const nameAt = databaseNameAt(statement);
    if (nameAt === null) continue;
    if (startsWith(statement, "create")) create = { statement, nameAt };
    else if (authorization === null) properties.push({ statement, nameAt });
    else
      properties.push(
        { statement: authorization, nameAt: null },
        { statement, nameAt },
        { statement: RESET_AUTHORIZATION, nameAt: null },
      );
  }
  return {
    create,
    properties,
    roles: [...roles],
    extensions: [...extensions],
    tablespaces: [...tablespaces],
  };
}

const RESET_AUTHORIZATION: Statement = { text: "RESET SESSION AUTHORIZATION", tokens: [] };

/** The statement with another name for its database, as SQL (or a variable of psql) writes it. */
export function renamed({ statement, nameAt }: DatabaseStatement, name: string): string {
  const token = nameAt === null ? undefined : statement.tokens[nameAt];
  if (token === undefined) return statement.text;
  return statement.text.slice(0, token.start) + name + statement.text.slice(token.end);
}

/** CREATE, ALTER, COMMENT ON, SECURITY LABEL ON, GRANT and REVOKE ON DATABASE, and ALTER ROLE ... IN DATABASE. */
function databaseNameAt(statement: Statement): number | null {
  const { tokens } = statement;
  const at = tokens.findIndex((token) => isWord(token, "database"));
  if (at < 1 || identifierAt(statement, at + 1) === null) return null;
  const before = at === 1 ? ["create", "alter"] : startsWith(statement, "alter", "role") ? ["in"] : ["on"];
  const first = tokens[0];
  if (first === undefined || !STARTS.has(first.value)) return null;
  return before.some((word) => isWord(tokens[at - 1], word)) ? at + 1 : null;
}

const STARTS = new Set(["create", "alter", "comment", "security", "grant", "revoke"]);

function rolesOf(statement: Statement): string[] {
  const found: string[] = [];
  const { tokens } = statement;
  const after = (index: number): void => {
    const name = identifierAt(statement, index);
    const unquoted = tokens[index]?.kind === "word" ? name : null;
    if (name !== null && !(unquoted !== null && NO_ROLES.has(unquoted))) found.push(name);
  };
  if (startsWith(statement, "set", "session", "authorization")) {
    const [literal] = tokens.slice(3);
    if (literal?.kind === "string") {
      const name = literal.value.slice(1, -1).replaceAll("''", "'");
      if (literal.value.startsWith("'") && name !== "") found.push(name);
    } else after(3);
  }
  if (startsWith(statement, "alter", "role")) after(2);
  if (startsWith(statement, "alter", "default", "privileges") && isWord(tokens[3], "for")) after(5);
  if (startsWith(statement, "create", "user", "mapping", "for")) after(4);
  if (startsWith(statement, "create", "policy")) {
    const to = tokens.findIndex((token) => isWord(token, "to"));
    for (let at = to; to > 0 && (at === to || tokens[at]?.value === ","); at += 2) after(at + 1);
  } else if (STARTS_WITH_ROLES.some((word) => startsWith(statement, word))) {
    let depth = 0;
    for (const [index, token] of tokens.entries()) {
      if (token.value === "(" && token.kind === "symbol") depth += 1;
      if (token.value === ")" && token.kind === "symbol") depth -= 1;
      const grantee = !startsWith(statement, "alter") && (isWord(token, "to") || isWord(token, "from"));
      const owner = isWord(token, "to") && isWord(tokens[index - 1], "owner");
      const granted =
        startsWith(statement, "alter", "default") && (isWord(token, "to") || isWord(token, "from"));
      if (depth === 0 && (grantee || owner || granted)) after(index + 1);
    }
  }
  return found;
}

const STARTS_WITH_ROLES = ["grant", "revoke", "alter"];
const NO_ROLES = new Set(["public", "current_user", "session_user", "current_role"]);

function extensionOf(statement: Statement): string | null {
  if (!startsWith(statement, "create", "extension")) return null;
  return identifierAt(statement, startsWith(statement, "create", "extension", "if") ? 5 : 2);
}

function tablespaceOf(statement: Statement): string | null {
  if (startsWith(statement, "set", "default_tablespace")) return identifierAt(statement, 3);
  if (!startsWith(statement, "create", "database")) return null;
  const at = statement.tokens.findIndex((token) => isWord(token, "tablespace"));
  return at < 0 ? null : identifierAt(statement, at + 2);
}

function isWord(token: Token | undefined, word: string): boolean {
  return token?.kind === "word" && token.value === word;
}
