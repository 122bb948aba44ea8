import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import type { LedgerEntry } from "../../model/ledger.ts";
import { readLine } from "./verify.ts";

const BLOCK = 65_536;
const NEWLINE = 10;

/** Where the ledger is. */
export function ledgerPath(stateDirectory: string): string {
  return join(stateDirectory, "ledger.jsonl");
}

/**
 * Entries from the newest back, read as far as they are asked for: a ledger may be of any length. Lines that are no
 * entries are left out. None where there is no ledger.
 */
export function* entriesBackwards(stateDirectory: string): Generator<LedgerEntry> {
  for (const { text } of linesBackwards(ledgerPath(stateDirectory))) {
    const entry = readLine(text);
    if (entry !== null) yield entry;
  }
}

export interface Line {
  readonly text: string;
  /** Bytes of the file before it. */
  readonly offset: number;
}

/** Lines from the last back. The first one is what stands behind the last newline: empty in a whole file. */
export function* linesBackwards(path: string): Generator<Line> {
  const file = openExisting(path);
  if (file === null) return;
  try {
    let end = fstatSync(file).size;
    let rest = Buffer.alloc(0);
    while (end > 0) {
      const size = Math.min(BLOCK, end);
      const block = Buffer.alloc(size);
      end -= size;
      readSync(file, block, 0, size, end);
      rest = Buffer.concat([block, rest]);
      for (let at = rest.lastIndexOf(NEWLINE); at !== -1; at = rest.lastIndexOf(NEWLINE)) {
        yield { text: rest.toString("utf8", at + 1), offset: end + at + 1 };
        rest = rest.subarray(0, at);
      }
    }
    yield { text: rest.toString("utf8"), offset: 0 };
  } finally {
    closeSync(file);
  }
}

function openExisting(path: string): number | null {
  try {
    return openSync(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
