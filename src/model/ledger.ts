import type { JobKind } from "./agent-policy.ts";

/** What was recorded of one database when it was backed up: what a restore must bring back. */
export interface Facts {
  readonly database: string;
  /** As the server says it: `17.6`. */
  readonly server_version: string;
  /** As the server counts them. */
  readonly size_bytes: number;
  /** By `schema.table` (MySQL, SQLite: `table`), in the order of their names. */
  readonly tables: Readonly<Record<string, TableFacts>>;
  /** Name to version. */
  readonly extensions: Readonly<Record<string, string>>;
  /** Collation to the version that it was made with; empty where the server has none. */
  readonly collations: Readonly<Record<string, string>>;
  /** Other things that must come back, counted: views, functions, sequences, triggers ... */
  readonly objects: Readonly<Record<string, number>>;
}

export interface TableFacts {
  readonly rows: number;
  /** False: an estimate, as the table was above the limit for counting. */
  readonly exact: boolean;
}

/** What a job came to. `skipped`: there was nothing to do. `interrupted`: stopped by a signal, or found dead. */
export type Outcome = "success" | "failure" | "skipped" | "interrupted";

/** Everything that is written down: what runs on schedule, and what people do by hand. */
export type LedgerJob = JobKind | "restore" | "init" | "unlock" | "retention";

/** What a job found or did, in words and figures; never a secret. */
export type Details = Readonly<Record<string, unknown>>;

/** One line of the ledger before it is chained. Times are ISO 8601 in UTC with milliseconds. */
export interface LedgerRecord {
  readonly job: LedgerJob;
  /** Of the policy's target; null for jobs of a repository. */
  readonly target: string | null;
  readonly repository: string | null;
  readonly outcome: Outcome;
  readonly started_at: string;
  readonly finished_at: string;
  /** By hand, or on schedule for the slot of that time. */
  readonly trigger: { readonly by: "hand" } | { readonly by: "schedule"; readonly slot: string };
  /** Code and words of the failure; null without one. */
  readonly error: { readonly code: string; readonly message: string; readonly todo: string } | null;
  readonly details: Details;
}

/** A line of the ledger. */
export interface LedgerEntry extends LedgerRecord {
  readonly seq: number;
  /** Hash of the entry before it; 64 zeros for the first. */
  readonly prev: string;
  /** SHA-256 of the canonical JSON of the entry without this key. */
  readonly hash: string;
}

/** What a run had to say although it was good, in words: its warnings, then its notices. */
export function notesOf(entry: Pick<LedgerEntry, "details"> | null): readonly string[] {
  return [...wordsIn(entry, "warnings"), ...wordsIn(entry, "notices")];
}

/** `warnings` is what somebody has to look at, `notices` what may well be meant. */
export function wordsIn(
  entry: Pick<LedgerEntry, "details"> | null,
  key: "warnings" | "notices",
): readonly string[] {
  const words = entry?.details[key];
  return Array.isArray(words) ? words.map(String) : [];
}
