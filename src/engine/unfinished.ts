import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { JOURNAL_DIRECTORY, JOURNAL_FILE } from "./journal.ts";
import type { JournalEntry } from "./journal.ts";

/**
 * What the last apply in this checkout left unfinished, in one sentence; null when it ended well or there was none.
 * For people only: what is to be done is always planned from what is observed.
 */
export async function lastUnfinished(directory: string): Promise<string | null> {
  const text = await readFile(join(directory, JOURNAL_DIRECTORY, JOURNAL_FILE), "utf8").catch(() => "");
  return unfinishedIn(text);
}

/** The same, of the journal's text. */
export function unfinishedIn(text: string): string | null {
  const entries = text.split("\n").flatMap(parseLine);
  const run = entries.at(-1)?.run;
  const own = entries.filter((entry) => entry.run === run);
  const started = own[0];
  if (started === undefined) return null;
  const end = own.find((entry) => entry.event === "end");
  if (end?.event === "end" && end.outcome === "done") return null;
  const steps = own.filter((entry) => entry.event !== "end" && entry.event !== "start");
  // After a failure come the steps that put its change back.
  const last = steps.find((entry) => entry.event === "failed") ?? steps.at(-1);
  const how =
    end?.event === "end"
      ? { failed: "failed", interrupted: "was interrupted", done: "" }[end.outcome]
      : "was cut off";
  const when = `the last apply, of ${started.at}, ${how}`;
  if (last === undefined) return `${when} before its first step`;
  const where = { begin: "in", failed: "in", done: "after" }[last.event];
  return `${when} ${where} ${last.change}: ${last.step}`;
}

/** A line that was cut off by a kill is skipped. */
function parseLine(line: string): JournalEntry[] {
  try {
    return line === "" ? [] : [JSON.parse(line) as JournalEntry];
  } catch {
    return [];
  }
}
