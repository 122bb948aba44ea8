const NEWLINE = 0x0a;
const BACKTICK = 0x60;

/** The longest statement head: the names of 4,096 columns, 64 characters each, fit. */
export const HEAD_BYTES = 2 << 20;

/** What begins a line is known by then. */
const LINE_BYTES = 64;

const INSERT = "INSERT INTO `";
const CREATE = "CREATE TABLE `";

/** What a line of a dump begins; `end` is the length of what says so. */
export type Head =
  | {
      readonly kind: "insert";
      readonly table: string;
      /** Those that are named; none where all of the table have a value. */
      readonly columns: readonly string[];
      readonly end: number;
    }
  | { readonly kind: "create"; readonly table: string; readonly end: number }
  | { readonly kind: "delimiter"; readonly code: boolean; readonly end: number }
  | { readonly kind: "other"; readonly end: number };

/**
 * What begins at the beginning of a line; the rest of the line is still to be passed over, or is values. `more`: this
 * is too little of it.
 * @param inCode within a section of triggers, routines or events, between DELIMITER lines: its statements are text.
 */
export function readHead(text: Buffer, inCode: boolean): Head | "more" {
  const newline = text.indexOf(NEWLINE);
  const line = text.toString("latin1", 0, newline === -1 || newline > LINE_BYTES ? LINE_BYTES : newline);
  const cut = newline === -1 && text.length < LINE_BYTES;
  if (line.startsWith("DELIMITER ") && !cut)
    return { kind: "delimiter", code: line !== "DELIMITER ;", end: 0 };
  const isInsert = line.startsWith(INSERT);
  if (inCode || !(isInsert || line.startsWith(CREATE))) return cut ? "more" : { kind: "other", end: 0 };
  const found = isInsert ? readInsert(text) : readCreate(text);
  return found ?? (text.length < HEAD_BYTES ? "more" : { kind: "other", end: 0 });
}

function readCreate(text: Buffer): Head | null {
  const table = readName(text, CREATE.length - 1);
  return table === null ? null : { kind: "create", table: table.name, end: table.end };
}

/** In `INSERT INTO t (a, row_start) VALUES` nothing but names in backticks and the word itself has a capital V. */
const VALUES = Buffer.from("VALUES");

function readInsert(text: Buffer): Head | null {
  const table = readName(text, INSERT.length - 1);
  if (table === null) return null;
  const columns: string[] = [];
  let at = table.end;
  while (at < text.length) {
    // Names of columns may hold anything.
    if (text[at] === BACKTICK) {
      const column = readName(text, at);
      if (column === null) return null;
      columns.push(column.name);
      at = column.end;
    } else if (text[at] === VALUES[0]) {
      const end = at + VALUES.length;
      return end <= text.length ? { kind: "insert", table: table.name, columns, end } : null;
    } else at++;
  }
  return null;
}

/** A name in backticks, doubled ones being part of it; null where it does not end here. */
function readName(text: Buffer, from: number): { readonly name: string; readonly end: number } | null {
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] !== BACKTICK) continue;
    // The next byte may make this one a doubled backtick.
    if (at + 1 === text.length) return null;
    if (text[at + 1] !== BACKTICK)
      return { name: text.toString("utf8", from + 1, at).replaceAll("``", "`"), end: at + 1 };
    at++;
  }
  return null;
}
