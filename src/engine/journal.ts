import { mkdir, open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../errors.ts";
import type { ResourceId } from "../model/change.ts";

/** Relative to the directory that Kamal runs in. */
export const JOURNAL_DIRECTORY = ".kamal/kamal-backup";
export const JOURNAL_FILE = "journal.jsonl";

/** One line of the journal. Steps are written as people see them: secrets by name. */
export type JournalEntry = { readonly run: string; readonly at: string } & JournalEvent;

export type JournalEvent =
  | {
      readonly event: "start";
      readonly version: string;
      readonly policy_hash: string;
      readonly changes: readonly ResourceId[];
    }
  | { readonly event: "begin"; readonly change: ResourceId; readonly step: string }
  | { readonly event: "done"; readonly change: ResourceId; readonly step: string }
  | { readonly event: "failed"; readonly change: ResourceId; readonly step: string; readonly error: string }
  | { readonly event: "end"; readonly outcome: "done" | "failed" | "interrupted" };

export interface Journal {
  /** Returns once the line is on disk. */
  write(event: JournalEvent): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the journal of the checkout in `directory` to append the lines of one run; keeps it out of git by itself.
 * @throws Failure `files.unwritable`.
 */
export async function openJournal(directory: string, run: string, now: () => Date): Promise<Journal> {
  const folder = join(directory, JOURNAL_DIRECTORY);
  const path = join(folder, JOURNAL_FILE);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(join(folder, ".gitignore"), "*\n");
    const file = await open(path, "a+", 0o600);
    // A run that was killed may have left half a line.
    const { size } = await file.stat();
    if (size > 0) {
      const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
      if (buffer.toString() !== "\n") await file.appendFile("\n");
    }
    return {
      async write(event) {
        const entry: JournalEntry = { run, at: now().toISOString(), ...event };
        await file.appendFile(`${JSON.stringify(entry)}\n`);
        await file.sync();
      },
      close: () => file.close(),
    };
  } catch (error) {
    throw new Failure("files.unwritable", `cannot write the journal ${path}`, { where: path, cause: error });
  }
}
