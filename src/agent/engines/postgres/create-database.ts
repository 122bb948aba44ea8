import { quoteIdentifier } from "../../../tools/postgres/sql-tokens.ts";
import { type Contents, type DatabaseStatement, renamed } from "./contents.ts";
import { type Session, serverError } from "./session.ts";

export interface CreateOptions {
  /** Where the system lacks the dump's locale: take one that is always there. Only for drills: order changes with it. */
  readonly anyLocale: boolean;
  /** Those of the dump are all there. */
  readonly tablespaces: boolean;
}

const LOCALES = ["locale", "lc_collate", "lc_ctype", "icu_locale", "builtin_locale"];

/** invalid_parameter_value, wrong_object_type, undefined_object: a locale that the system lacks, by version. */
const NO_SUCH_LOCALE = new Set(["22023", "42809", "42704"]);

/**
 * Creates a database with the encoding and locale of the dump's, then its owner, settings, limit and grants under the
 * new name. What it did otherwise, in words. Failure `engine.failed`; the database may be there then.
 */
export async function createDatabase(
  session: Session,
  { create, properties }: Contents,
  name: string,
  options: CreateOptions,
): Promise<readonly string[]> {
  const notes: string[] = [];
  const quoted = quoteIdentifier(name);
  const sql =
    create === null ? `CREATE DATABASE ${quoted} TEMPLATE template0` : creation(create, quoted, options);
  try {
    await session.script(sql);
  } catch (error) {
    const locale = /locale|LC_COLLATE|LC_CTYPE/i.test(serverError(error)?.message ?? "");
    if (!options.anyLocale || !locale || !NO_SUCH_LOCALE.has(serverError(error)?.sqlstate ?? "")) throw error;
    const encoding = create === null ? "'UTF8'" : (optionOf(create, "encoding") ?? "'UTF8'");
    const instead = encoding === "'UTF8'" ? "C.UTF-8" : "C";
    const locales = create === null ? [] : LOCALES.flatMap((option) => optionOf(create, option) ?? []);
    notes.push(
      `locale ${[...new Set(locales)].join(", ")} is not on the drill's system: ${instead} in its place`,
    );
    await session.script(
      `CREATE DATABASE ${quoted} TEMPLATE template0 ENCODING ${encoding} LC_COLLATE '${instead}' LC_CTYPE '${instead}'`,
    );
  }
  for (const property of properties) await session.script(renamed(property, quoted));
  return notes;
}

function creation(create: DatabaseStatement, name: string, { tablespaces }: CreateOptions): string {
  const sql = renamed(create, name);
  const { statement, nameAt } = create;
  const at = statement.tokens.findIndex((token) => token.kind === "word" && token.value === "tablespace");
  const [from, to] = [statement.tokens[at], statement.tokens[at + 2]];
  if (tablespaces || at < 0 || from === undefined || to === undefined || nameAt === null) return sql;
  const without = statement.text.slice(0, from.start) + statement.text.slice(to.end);
  return renamed({ statement: { ...statement, text: without }, nameAt }, name);
}

/** The value of `OPTION = value`, as it is written. */
function optionOf({ statement: { text, tokens } }: DatabaseStatement, option: string): string | null {
  const at = tokens.findIndex((token) => token.kind === "word" && token.value === option);
  const value = at < 0 ? undefined : tokens[at + 2];
  return value === undefined ? null : text.slice(value.start, value.end);
}
