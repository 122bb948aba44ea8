import type { LedgerEntry } from "../../model/ledger.ts";
import { hashOf, NO_HASH } from "./chain.ts";

/** Where a ledger is first not what was written, and in which way. */
export interface Broken {
  /** From 1. */
  readonly line: number;
  /**
   * `changed`: the line is not what its hash says. `missing`: lines before it are gone. `reordered`: it stands after
   * a later one. `truncated`: the beginning is gone. `unreadable`: no JSON, or no line of a ledger.
   */
  readonly fault: "changed" | "missing" | "reordered" | "truncated" | "unreadable";
  /** In words. */
  readonly why: string;
}

export interface Verified {
  readonly entries: number;
  /** Of the last entry; 64 zeros without any. Keep it elsewhere: lines cut off the end show in nothing else. */
  readonly head: string;
  readonly broken: Broken | null;
}

/** Checks a ledger's whole text, line by line from the first. */
export function verifyLedger(text: string): Verified {
  const lines = text.split("\n");
  // A text that does not end with a newline ends with a line that was cut in writing.
  const last = lines.pop() ?? "";
  let before: LedgerEntry | null = null;
  for (const [index, line] of lines.entries()) {
    const entry = readLine(line);
    const fault = entry === null ? unreadable(line) : faultOf(entry, before, lines.slice(index + 1));
    if (fault !== null) {
      return { entries: index, head: before?.hash ?? NO_HASH, broken: { line: index + 1, ...fault } };
    }
    before = entry;
  }
  const broken = last === "" ? null : { line: lines.length + 1, ...unreadable(last) };
  return { entries: lines.length, head: before?.hash ?? NO_HASH, broken };
}

/** A line as an entry; null: it is none. */
export function readLine(line: string): LedgerEntry | null {
  try {
    const entry = JSON.parse(line) as LedgerEntry;
    const isEntry = typeof entry?.hash === "string" && typeof entry.prev === "string";
    return isEntry && Number.isInteger(entry.seq) ? entry : null;
  } catch {
    return null;
  }
}

type Fault = Omit<Broken, "line">;

function unreadable(line: string): Fault {
  const why = line === "" ? "the line is empty" : "the line is no entry: it was cut or overwritten";
  return { fault: "unreadable", why };
}

function faultOf(entry: LedgerEntry, before: LedgerEntry | null, following: readonly string[]): Fault | null {
  const expected = (before?.seq ?? 0) + 1;
  if (hashOf(entry) !== entry.hash) {
    return { fault: "changed", why: `entry ${entry.seq} is not what its hash was made of` };
  }
  if (entry.seq < expected) {
    return { fault: "reordered", why: `entry ${entry.seq} stands after entry ${expected - 1}` };
  }
  if (entry.seq > expected) {
    const gone = entry.seq - expected === 1 ? `entry ${expected}` : `entries ${expected} to ${entry.seq - 1}`;
    if (following.some((line) => readLine(line)?.seq === expected)) {
      return { fault: "reordered", why: `entry ${entry.seq} stands before entry ${expected}` };
    }
    if (before === null) return { fault: "truncated", why: `the ledger begins with entry ${entry.seq}` };
    return { fault: "missing", why: `${gone} should stand before entry ${entry.seq}` };
  }
  if (entry.prev !== (before?.hash ?? NO_HASH)) {
    return {
      fault: "changed",
      why: `entry ${expected - 1} was another one when entry ${expected} was written`,
    };
  }
  return null;
}
