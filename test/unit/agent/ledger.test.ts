import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { appendRecord } from "../../../src/agent/ledger/append.ts";
import { chained } from "../../../src/agent/ledger/chain.ts";
import { entriesBackwards, ledgerPath } from "../../../src/agent/ledger/read.ts";
import { verifyLedger } from "../../../src/agent/ledger/verify.ts";
import type { LedgerEntry, LedgerRecord } from "../../../src/model/ledger.ts";
import { aRecord, anyRecord } from "./a-ledger-record.ts";
import { aStateDirectory } from "./a-state-directory.ts";

function lines(records: readonly LedgerRecord[]): string[] {
  const entries: LedgerEntry[] = [];
  for (const record of records) entries.push(chained(record, entries.at(-1) ?? null));
  return entries.map((entry) => JSON.stringify(entry));
}

const text = (all: readonly string[]) => all.map((line) => `${line}\n`).join("");
const someLines = fc.array(anyRecord, { minLength: 3, maxLength: 8 }).map(lines);

describe("verify", () => {
  test("a ledger as it was written is whole", () => {
    fc.assert(
      fc.property(someLines, (all) => {
        const { entries, broken, head } = verifyLedger(text(all));
        expect({ entries, broken }).toEqual({ entries: all.length, broken: null });
        expect(head).toBe(JSON.parse(all.at(-1) ?? "").hash);
      }),
    );
  });

  test("any byte that is changed breaks it, at that line or the next", () => {
    fc.assert(
      fc.property(someLines, fc.nat(), fc.integer({ min: 1, max: 127 }), (all, where, by) => {
        const bytes = Buffer.from(text(all));
        const at = where % bytes.length;
        bytes[at] = ((bytes[at] ?? 0) + by) % 256;
        const changed = bytes.toString("utf8");
        const sameValue = changed.split("\n").every((line, index) => isSame(line, all[index]));
        const { broken } = verifyLedger(changed);
        if (!sameValue) expect(broken).not.toBeNull();
        const line = Buffer.from(text(all)).subarray(0, at).toString("utf8").split("\n").length;
        if (broken !== null) expect([line, line + 1]).toContain(broken.line);
      }),
      { numRuns: 300 },
    );
  });

  test("a line that is taken out is missed, two that change places are found, and so is a head that is gone", () => {
    fc.assert(
      fc.property(someLines, fc.nat(), (all, where) => {
        const inner = 1 + (where % (all.length - 2));
        const without = verifyLedger(text(all.toSpliced(inner, 1))).broken;
        expect(without).toMatchObject({ line: inner + 1, fault: "missing" });
        const first = all[inner] as string;
        const swapped = all.toSpliced(inner, 2, all[inner + 1] as string, first);
        expect(verifyLedger(text(swapped)).broken).toMatchObject({ line: inner + 1, fault: "reordered" });
        expect(verifyLedger(text(all.slice(inner))).broken).toMatchObject({ line: 1, fault: "truncated" });
        const twice = all.toSpliced(inner, 0, first);
        expect(verifyLedger(text(twice)).broken).toMatchObject({ line: inner + 2, fault: "reordered" });
      }),
    );
  });

  test("an entry that was forged with a hash of its own breaks the one behind it", () => {
    const [one = "", two = "", three = ""] = lines([aRecord(), aRecord({ outcome: "failure" }), aRecord()]);
    const forged = chained(aRecord({ outcome: "success" }), JSON.parse(one) as LedgerEntry);
    expect(forged.hash).not.toBe(JSON.parse(two).hash);
    const { broken } = verifyLedger(text([one, JSON.stringify(forged), three]));
    expect(broken).toMatchObject({ line: 3, fault: "changed" });
  });
});

function isSame(line: string, original: string | undefined): boolean {
  if (line === (original ?? "")) return true;
  try {
    return JSON.stringify(JSON.parse(line)) === JSON.stringify(JSON.parse(original ?? ""));
  } catch {
    return false;
  }
}

describe("append", () => {
  test("chains what it writes into a file that only its owner reads, and reads it from the newest back", async () => {
    const state = aStateDirectory();
    // Longer than one block of the reader, with characters of several bytes.
    const long = { words: "né".repeat(50_000) };
    const written = [];
    for (const details of [{}, long, { last: true }])
      written.push(await appendRecord(state, aRecord({ details })));
    expect([...entriesBackwards(state)]).toEqual(written.toReversed());
    expect(verifyLedger(readFileSync(ledgerPath(state), "utf8"))).toMatchObject({ entries: 3, broken: null });
    expect(statSync(ledgerPath(state)).mode & 0o777).toBe(0o600);
  });

  test("a line that was cut by a kill at any byte is taken off, and stays on record", async () => {
    const state = aStateDirectory();
    const first = await appendRecord(state, aRecord());
    const whole = readFileSync(ledgerPath(state));
    const second = await appendRecord(state, aRecord({ details: { name: "ñandú" } }));
    const both = readFileSync(ledgerPath(state));
    for (let size = whole.length + 1; size < both.length; size += 7) {
      writeFileSync(ledgerPath(state), both.subarray(0, size));
      expect(verifyLedger(readFileSync(ledgerPath(state), "utf8")).broken).toMatchObject({ line: 2 });
      const next = await appendRecord(state, aRecord({ outcome: "failure" }));
      expect(next).toMatchObject({ seq: 2, prev: first.hash });
      const torn = both.subarray(whole.length, size).toString("utf8");
      expect(next.details).toEqual({ torn_line: torn });
      expect(verifyLedger(readFileSync(ledgerPath(state), "utf8")).broken).toBeNull();
    }
    // All of it was written but the newline: nothing is lost.
    writeFileSync(ledgerPath(state), both);
    truncateSync(ledgerPath(state), both.length - 1);
    const next = await appendRecord(state, aRecord());
    expect(next).toMatchObject({ seq: 3, prev: second.hash, details: {} });
    expect(verifyLedger(readFileSync(ledgerPath(state), "utf8")).broken).toBeNull();
  });

  test("goes on behind a line that somebody broke, which verify still finds", async () => {
    const state = aStateDirectory();
    await appendRecord(state, aRecord());
    appendFileSync(ledgerPath(state), "not a line\n");
    expect(await appendRecord(state, aRecord())).toMatchObject({ seq: 2 });
    expect(verifyLedger(readFileSync(ledgerPath(state), "utf8")).broken).toMatchObject({
      line: 2,
      fault: "unreadable",
    });
  });

  test("processes that write at once write one chain", async () => {
    const state = aStateDirectory();
    const script = fileURLToPath(new URL("./append-many.ts", import.meta.url));
    const processes = Array.from({ length: 3 }, () => spawn(process.execPath, [script, state, "10"]));
    for (const [status] of await Promise.all(processes.map((child) => once(child, "exit"))))
      expect(status).toBe(0);
    expect(verifyLedger(readFileSync(ledgerPath(state), "utf8"))).toMatchObject({
      entries: 30,
      broken: null,
    });
  });

  test("a ledger that cannot be written is a failure with a code", async () => {
    const state = aStateDirectory();
    mkdirSync(ledgerPath(state));
    await expect(appendRecord(state, aRecord())).rejects.toMatchObject({ code: "ledger.unwritable" });
  });
});
