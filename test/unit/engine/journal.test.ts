import { mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { JOURNAL_DIRECTORY, JOURNAL_FILE, openJournal } from "../../../src/engine/journal.ts";
import { lastUnfinished, unfinishedIn } from "../../../src/engine/unfinished.ts";

const at = new Date("2026-01-01T00:00:00Z");
const fresh = () => mkdtempSync(join(tmpdir(), "kamal-backup-journal-"));

test("keeps itself from others and out of git", async () => {
  const directory = fresh();
  await (await openJournal(directory, "r", () => at)).close();
  const folder = join(directory, JOURNAL_DIRECTORY);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(statSync(join(folder, JOURNAL_FILE)).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(folder, ".gitignore"), "utf8")).toBe("*\n");
});

test("says in which step a run was killed, also when its last line is half written", async () => {
  const directory = fresh();
  const journal = await openJournal(directory, "r1", () => at);
  await journal.write({ event: "start", version: "0", policy_hash: "p", changes: ["a:b"] });
  await journal.write({ event: "begin", change: "a:b", step: "kamal accessory boot b" });
  await journal.close();
  const path = join(directory, JOURNAL_DIRECTORY, JOURNAL_FILE);
  const killed = "the last apply, of 2026-01-01T00:00:00.000Z, was cut off in a:b: kamal accessory boot b";
  expect(await lastUnfinished(directory)).toBe(killed);
  writeFileSync(path, `${readFileSync(path, "utf8")}{"run":"r1","at":"2026-0`);
  expect(await lastUnfinished(directory)).toBe(killed);

  const next = await openJournal(directory, "r2", () => at);
  await next.write({ event: "start", version: "0", policy_hash: "p", changes: [] });
  await next.write({ event: "end", outcome: "done" });
  await next.close();
  expect(await lastUnfinished(directory)).toBeNull();
});

test("nothing is unfinished where nothing was begun", async () => {
  expect(await lastUnfinished(fresh())).toBeNull();
  expect(unfinishedIn("no journal at all\n")).toBeNull();
});

test("a run that was cut off before its first step says so", () => {
  const line = JSON.stringify({
    run: "r",
    at: "T",
    event: "start",
    version: "0",
    policy_hash: "p",
    changes: [],
  });
  expect(unfinishedIn(`${line}\n`)).toBe("the last apply, of T, was cut off before its first step");
});
