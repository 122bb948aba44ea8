const NEWLINE = 0x0a;
const QUOTE = 0x27;
const OPEN = 0x28;
const CLOSE = 0x29;
const SEMICOLON = 0x3b;
const BACKSLASH = 0x5c;

/** The longest statement head: the names of 4,096 columns, 64 characters each, fit. */
const HEAD_BYTES = 2 << 20;

/** What begins a line is known by then. */
const LINE_BYTES = 64;

const NOTHING = Buffer.alloc(0);
const TAIL_BYTES = 256;

/**
 * Counts the rows of every table in a dump while it passes, from the INSERT statements themselves: the very data. It
 * follows strings and brackets, so it does not matter whether a row has a line of its own (MariaDB's dump) or not
 * (MySQL's). Statements of triggers, routines and events, which stand between DELIMITER lines, are passed over.
 */
export class RowCounter {
  readonly #rows = new Map<string, number>();
  #state: "head" | "skip" | "values" | "string" = "head";
  #head: Buffer = NOTHING;
  /** Within a code section: its statements end with `;;`. */
  #inCode = false;
  #table = "";
  #count = 0;
  #depth = 0;
  #escaped = false;
  #tail: Buffer = NOTHING;

  /** The next piece of the dump, cut anywhere. */
  add(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#state === "head") at = this.#readHead(chunk, at);
      else if (this.#state === "skip") at = this.#skipLine(chunk, at);
      else if (this.#state === "values") at = this.#readValues(chunk, at);
      else at = this.#readString(chunk, at);
    }
    const kept = chunk.length >= TAIL_BYTES ? chunk : Buffer.concat([this.#tail, chunk]);
    this.#tail = Buffer.from(kept.subarray(-TAIL_BYTES));
  }

  /** Rows by table, of every table that the dump creates. */
  rows(): ReadonlyMap<string, number> {
    return this.#rows;
  }

  /** The dump says of itself that it is complete: its program writes that line last. */
  complete(): boolean {
    return /^-- Dump completed.*\n$/m.test(this.#tail.toString("latin1"));
  }

  /** Collects a statement or line up to where it says what it is. */
  #readHead(chunk: Buffer, from: number): number {
    const before = this.#head.length;
    const piece = chunk.subarray(from, from + HEAD_BYTES);
    const text = before === 0 ? piece : Buffer.concat([this.#head, piece]);
    const head = readHead(text, this.#inCode);
    if (head === "more") {
      this.#head = Buffer.from(text);
      return from + piece.length;
    }
    this.#head = NOTHING;
    if (head.kind === "delimiter") this.#inCode = head.code;
    if (head.kind === "create") this.#rows.set(head.table, this.#rows.get(head.table) ?? 0);
    if (head.kind === "insert") {
      this.#table = head.table;
      this.#count = 0;
      this.#depth = 0;
    }
    this.#state = head.kind === "insert" ? "values" : "skip";
    return from + Math.max(0, head.end - before);
  }

  #skipLine(chunk: Buffer, from: number): number {
    const newline = chunk.indexOf(NEWLINE, from);
    if (newline === -1) return chunk.length;
    this.#state = "head";
    return newline + 1;
  }

  #readValues(chunk: Buffer, from: number): number {
    let depth = this.#depth;
    let count = this.#count;
    const length = chunk.length;
    let at = from;
    for (; at < length; at++) {
      const byte = chunk[at];
      if (byte === QUOTE) {
        this.#state = "string";
        at++;
        break;
      }
      if (byte === OPEN) {
        if (depth++ === 0) count++;
      } else if (byte === CLOSE) depth--;
      else if (byte === SEMICOLON && depth === 0) {
        this.#rows.set(this.#table, (this.#rows.get(this.#table) ?? 0) + count);
        count = 0;
        this.#state = "skip";
        at++;
        break;
      }
    }
    this.#depth = depth;
    this.#count = count;
    return at;
  }

  /** To the quote that ends it; a quote within is escaped by a backslash or by a second quote, which opens it again. */
  #readString(chunk: Buffer, from: number): number {
    let at = from;
    if (this.#escaped) {
      this.#escaped = false;
      at++;
    }
    const length = chunk.length;
    for (; at < length; at++) {
      const byte = chunk[at];
      if (byte === BACKSLASH) {
        if (++at === length) {
          this.#escaped = true;
          return length;
        }
      } else if (byte === QUOTE) {
        this.#state = "values";
        return at + 1;
      }
    }
    return length;
  }
}

const INSERT = "INSERT INTO `";
const CREATE = "CREATE TABLE `";

type Head =
  | { readonly kind: "insert" | "create"; readonly table: string; readonly end: number }
  | { readonly kind: "delimiter"; readonly code: boolean; readonly end: number }
  | { readonly kind: "other"; readonly end: number };

/** What begins here, and where that is read; the rest of the line is still to be passed over, or is values. */
function readHead(text: Buffer, inCode: boolean): Head | "more" {
  const newline = text.indexOf(NEWLINE);
  const line = text.toString("latin1", 0, newline === -1 || newline > LINE_BYTES ? LINE_BYTES : newline);
  const cut = newline === -1 && text.length < LINE_BYTES;
  if (line.startsWith("DELIMITER ") && !cut)
    return { kind: "delimiter", code: line !== "DELIMITER ;", end: 0 };
  const known = !inCode && (line.startsWith(INSERT) || line.startsWith(CREATE));
  if (!known) return cut ? "more" : { kind: "other", end: 0 };
  const found = line.startsWith(INSERT) ? findValues(text) : readName(text, CREATE.length - 1);
  if (found !== null) return { kind: line.startsWith(INSERT) ? "insert" : "create", ...found };
  return text.length < HEAD_BYTES ? "more" : { kind: "other", end: 0 };
}

/** In `INSERT INTO t (a, row_start) VALUES` nothing but names in backticks and the word itself has a capital V. */
const VALUES = Buffer.from("VALUES");

/** The table of an INSERT and where its values begin; null where the text ends before that. */
function findValues(text: Buffer): { readonly table: string; readonly end: number } | null {
  const table = readName(text, INSERT.length - 1);
  if (table === null) return null;
  let at = table.end;
  while (at < text.length) {
    // Names of columns may hold anything.
    if (text[at] === 0x60) {
      const column = readName(text, at);
      if (column === null) return null;
      at = column.end;
    } else if (text[at] === VALUES[0]) {
      const end = at + VALUES.length;
      return end <= text.length ? { table: table.table, end } : null;
    } else at++;
  }
  return null;
}

/** A name in backticks, doubled ones being part of it. */
function readName(text: Buffer, from: number): { readonly table: string; readonly end: number } | null {
  if (text[from] !== 0x60) return null;
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] !== 0x60) continue;
    if (text[at + 1] === 0x60) {
      at++;
      continue;
    }
    // The next byte may make this one a doubled backtick.
    if (at + 1 === text.length) return null;
    return { table: text.toString("utf8", from + 1, at).replaceAll("``", "`"), end: at + 1 };
  }
  return null;
}
