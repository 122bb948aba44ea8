/** A piece of SQL as PostgreSQL's own scanner cuts it. */
export interface Token {
  readonly kind: "word" | "quoted" | "string" | "symbol";
  /** A word in lower case, as the server folds it; a quoted identifier without its quotes; else as it is written. */
  readonly value: string;
  /** Offsets in the statement's text. */
  readonly start: number;
  readonly end: number;
}

export interface Statement {
  /** Without comments before it, without its semicolon. */
  readonly text: string;
  readonly tokens: readonly Token[];
}

const SPACE = /\s+/y;
const LINE_COMMENT = /--[^\n]*/y;
const META_COMMAND = /\\[^\n]*/y;
const ESCAPE_STRING = /[eE]'(?:[^'\\]|\\[\s\S]|'')*'/y;
const STRING = /(?:[bBxXnN]|[uU]&)?'(?:[^']|'')*'/y;
const QUOTED = /"((?:[^"]|"")*)"/y;
const DOLLAR = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;
const WORD = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y;

/**
 * Cuts a script of pg_dump, pg_dumpall or pg_restore into its statements. psql's own commands (`\restrict`,
 * `\connect`) are left out. Not for scripts with the data of COPY. Strings are those of standard_conforming_strings.
 * A function's body in BEGIN ATOMIC comes in several pieces.
 */
export function sqlStatements(script: string): Statement[] {
  const statements: Statement[] = [];
  let tokens: Token[] = [];
  let from = 0;
  let at = 0;
  const match = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    return pattern.exec(script)?.[0] ?? null;
  };
  const take = (kind: Token["kind"], text: string, value: string): void => {
    if (tokens.length === 0) from = at;
    tokens.push({ kind, value, start: at - from, end: at - from + text.length });
    at += text.length;
  };
  const end = (): void => {
    const last = tokens.at(-1);
    if (last !== undefined) statements.push({ text: script.slice(from, from + last.end), tokens });
    tokens = [];
  };
  while (at < script.length) {
    const skipped = match(SPACE) ?? match(LINE_COMMENT) ?? blockComment(script, at);
    if (skipped !== null) at += skipped.length;
    else if (script[at] === ";") {
      end();
      at += 1;
    } else if (script[at] === "\\" && tokens.length === 0) at += match(META_COMMAND)?.length ?? 1;
    else {
      const string = match(ESCAPE_STRING) ?? match(STRING) ?? dollarString(script, at, match(DOLLAR));
      const quoted = string === null ? match(QUOTED) : null;
      const word = string === null && quoted === null ? match(WORD) : null;
      if (string !== null) take("string", string, string);
      else if (quoted !== null) take("quoted", quoted, quoted.slice(1, -1).replaceAll('""', '"'));
      else if (word !== null) take("word", word, word.toLowerCase());
      else take("symbol", script.charAt(at), script.charAt(at));
    }
  }
  end();
  return statements;
}

/** The statement starts with these words. */
export function startsWith({ tokens }: Statement, ...words: readonly string[]): boolean {
  return words.every((word, index) => tokens[index]?.kind === "word" && tokens[index].value === word);
}

/** A word or quoted identifier at that place; null where something else is. */
export function identifierAt({ tokens }: Statement, index: number): string | null {
  const token = tokens[index];
  return token?.kind === "word" || token?.kind === "quoted" ? token.value : null;
}

/** A name as SQL writes it. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text as SQL writes it, with standard_conforming_strings. */
export function quoteLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function dollarString(script: string, at: number, tag: string | null): string | null {
  if (tag === null) return null;
  const end = script.indexOf(tag, at + tag.length);
  return script.slice(at, end < 0 ? script.length : end + tag.length);
}

function blockComment(script: string, at: number): string | null {
  if (!script.startsWith("/*", at)) return null;
  const pattern = /\/\*|\*\//g;
  pattern.lastIndex = at;
  let depth = 0;
  for (let found = pattern.exec(script); found !== null; found = pattern.exec(script)) {
    depth += found[0] === "/*" ? 1 : -1;
    if (depth === 0) return script.slice(at, pattern.lastIndex);
  }
  return script.slice(at);
}
