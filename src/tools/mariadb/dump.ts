/** What of a database a dump holds. */
export interface DumpParts {
  readonly database: string;
  /** Old rows of system-versioned tables too: MariaDB from 10.11 on. */
  readonly history: boolean;
  /** Every INSERT names its columns: what `GeneratedColumns` goes by. */
  readonly namedColumns: boolean;
}

/**
 * A logical dump without CREATE DATABASE and USE, so that it goes into a database of any name. One transaction for
 * all of it; rows are streamed, binary values as hexadecimal digits. Comments stay: the last one says that the dump is
 * complete. Without the date in it, the same data gives the same bytes.
 */
export function dumpArgv(optionFile: string, { database, history, namedColumns }: DumpParts): string[] {
  return [
    ...common(optionFile),
    "--single-transaction",
    "--quick",
    "--hex-blob",
    "--routines",
    "--triggers",
    "--events",
    ...(history ? ["--dump-history"] : []),
    ...(namedColumns ? ["--complete-insert"] : []),
    "--",
    database,
  ];
}

/** Of a database only what is code: triggers, routines, events. */
export function codeArgv(optionFile: string, database: string): string[] {
  return [
    ...common(optionFile),
    "--skip-lock-tables",
    "--no-data",
    "--no-create-info",
    "--add-drop-trigger",
    "--routines",
    "--triggers",
    "--events",
    "--",
    database,
  ];
}

/** Of a database only these views; there has to be one. */
export function viewsArgv(optionFile: string, database: string, views: readonly string[]): string[] {
  return [
    ...common(optionFile),
    "--skip-lock-tables",
    "--no-data",
    "--skip-triggers",
    "--",
    database,
    ...views,
  ];
}

function common(optionFile: string): string[] {
  // A row of the largest size that servers allow; the default is 16 MiB.
  return [`--defaults-file=${optionFile}`, "--max-allowed-packet=1G", "--no-tablespaces", "--skip-dump-date"];
}
