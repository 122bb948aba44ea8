import { HEAD_BYTES, readHead } from "./dump-head.ts";

const NEWLINE = 0x0a;
const QUOTE = 0x27;
const OPEN = 0x28;
const CLOSE = 0x29;
const COMMA = 0x2c;
const SEMICOLON = 0x3b;
const BACKSLASH = 0x5c;

const NOTHING = Buffer.alloc(0);
const DEFAULT = Buffer.from("DEFAULT");

/**
 * Puts DEFAULT in the place of the values of generated columns, while a dump passes. MariaDB's dump writes them, and
 * MySQL takes no other value for such a column (error 3105): the dump could be restored on MariaDB only. All other
 * bytes pass as they are. The INSERT statements have to name their columns.
 */
export class GeneratedColumns {
  readonly #generated: ReadonlyMap<string, ReadonlySet<string>>;
  #state: "head" | "skip" | "values" | "string" = "head";
  #head: Buffer = NOTHING;
  #inCode = false;
  #isGenerated: readonly boolean[] = [];
  #column = 0;
  #depth = 0;
  #escaped = false;
  #dropping = false;

  /** @param generated names of the generated columns by table. */
  constructor(generated: ReadonlyMap<string, ReadonlySet<string>>) {
    this.#generated = generated;
  }

  /** The next piece of the dump, cut anywhere; what is to be written in its place. */
  pass(chunk: Buffer): Buffer {
    const out: Buffer[] = [];
    // Where what has not been written begins.
    let from = 0;
    let at = 0;
    const drop = (until: number): void => {
      out.push(chunk.subarray(from, until), DEFAULT);
      this.#dropping = true;
    };
    while (at < chunk.length) {
      if (this.#state === "head") at = this.#readHead(chunk, at);
      else if (this.#state === "skip") at = this.#skipLine(chunk, at);
      else if (this.#state === "string") at = this.#readString(chunk, at);
      else {
        const byte = chunk[at++];
        const endsValue = (byte === COMMA || byte === CLOSE) && this.#depth === 1;
        if (endsValue && this.#dropping) {
          this.#dropping = false;
          from = at - 1;
        }
        if (byte === QUOTE) this.#state = "string";
        else if (byte === OPEN && this.#depth++ === 0) this.#column = 0;
        else if (byte === COMMA && this.#depth === 1) this.#column++;
        else if (byte === CLOSE) this.#depth--;
        else if (byte === SEMICOLON && this.#depth === 0) this.#state = "skip";
        const beginsValue = (byte === OPEN || byte === COMMA) && this.#depth === 1;
        if (beginsValue && this.#isGenerated[this.#column] === true) drop(at);
      }
    }
    if (!this.#dropping) out.push(chunk.subarray(from));
    return out.length === 1 && out[0] !== undefined ? out[0] : Buffer.concat(out);
  }

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
    this.#state = "skip";
    if (head.kind === "delimiter") this.#inCode = head.code;
    const generated = head.kind === "insert" ? this.#generated.get(head.table) : undefined;
    if (head.kind === "insert" && generated !== undefined) {
      this.#isGenerated = head.columns.map((name) => generated.has(name));
      this.#depth = 0;
      this.#state = "values";
    }
    return from + Math.max(0, head.end - before);
  }

  /** A line break within a string is escaped, so every row of another table is passed over with its line. */
  #skipLine(chunk: Buffer, from: number): number {
    const newline = chunk.indexOf(NEWLINE, from);
    if (newline === -1) return chunk.length;
    this.#state = "head";
    return newline + 1;
  }

  #readString(chunk: Buffer, from: number): number {
    let at = from;
    if (this.#escaped) {
      this.#escaped = false;
      at++;
    }
    for (; at < chunk.length; at++) {
      const byte = chunk[at];
      if (byte === BACKSLASH) {
        if (++at === chunk.length) {
          this.#escaped = true;
          return at;
        }
      } else if (byte === QUOTE) {
        this.#state = "values";
        return at + 1;
      }
    }
    return at;
  }
}
