import { HEAD_BYTES, readHead } from "./dump-head.ts";

const NEWLINE = 0x0a;
const QUOTE = 0x27;
const OPEN = 0x28;
const CLOSE = 0x29;
const SEMICOLON = 0x3b;
const BACKSLASH = 0x5c;

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
