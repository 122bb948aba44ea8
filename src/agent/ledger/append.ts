import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { Failure } from "../../errors.ts";
import type { LedgerEntry, LedgerRecord } from "../../model/ledger.ts";
import { hold } from "../target-lock/mutex.ts";
import { syncDirectory } from "../write-whole.ts";
import { chained, hashOf } from "./chain.ts";
import { ledgerPath, linesBackwards } from "./read.ts";
import type { Line } from "./read.ts";
import { readLine } from "./verify.ts";

/** A line is written in far less, so who waits longer waits for a disk that hangs. */
const PATIENCE_SECONDS = 30;

/**
 * Writes a line at the end of the ledger, on the disk when this resolves; one process at a time. What a process that
 * was killed in mid-write left of its line is taken off, and kept in the new line's details as `torn_line`.
 * Failure `ledger.unwritable`, `agent.no-lock`.
 */
export async function appendRecord(stateDirectory: string, record: LedgerRecord): Promise<LedgerEntry> {
  const release = await holdLedger(stateDirectory);
  try {
    return append(ledgerPath(stateDirectory), record);
  } catch (error) {
    throw new Failure("ledger.unwritable", `the ledger cannot be written: ${(error as Error).message}`, {
      where: ledgerPath(stateDirectory),
      cause: error,
    });
  } finally {
    await release();
  }
}

async function holdLedger(stateDirectory: string): Promise<() => Promise<void>> {
  const release = await hold(stateDirectory, "ledger", PATIENCE_SECONDS);
  if (release !== null) return release;
  throw new Failure("ledger.unwritable", "another process has been writing the ledger for half a minute", {
    where: ledgerPath(stateDirectory),
  });
}

function append(path: string, record: LedgerRecord): LedgerEntry {
  const { before, torn, lacksNewline } = endOf(path);
  const details = torn === null ? record.details : { ...record.details, torn_line: torn.text };
  const entry = chained({ ...record, details }, before);
  const file = openSync(path, "a+", 0o600);
  try {
    const isNew = fstatSync(file).size === 0;
    if (torn !== null) ftruncateSync(file, torn.offset);
    writeFileSync(file, `${lacksNewline ? "\n" : ""}${JSON.stringify(entry)}\n`);
    fsyncSync(file);
    if (isNew) syncDirectory(dirname(path));
  } finally {
    closeSync(file);
  }
  return entry;
}

interface End {
  readonly before: LedgerEntry | null;
  /** The part of a line that stands behind the last newline. */
  readonly torn: Line | null;
  /** All of the last line was written but its newline. */
  readonly lacksNewline: boolean;
}

function endOf(path: string): End {
  let last: Line | null = null;
  for (const line of linesBackwards(path)) {
    const entry = readLine(line.text);
    const whole = entry !== null && (last !== null || hashOf(entry) === entry.hash);
    if (whole) return { before: entry, torn: tornOf(last), lacksNewline: last === null };
    last ??= line;
  }
  return { before: null, torn: tornOf(last), lacksNewline: false };
}

function tornOf(last: Line | null): Line | null {
  return last === null || last.text === "" ? null : last;
}
