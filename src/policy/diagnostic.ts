/** A place in a file. Lines and columns count from 1, columns in UTF-16 units. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Length of what is meant, on that line; at least 1. */
  readonly length: number;
}

/** What is wrong, or doubtful, at one place of a policy. Holds no secret. */
export interface Diagnostic {
  readonly severity: "error" | "warning";
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** How many columns of the line are meant; at least 1. */
  readonly length: number;
  /** `databases.db.pg_hba[0].address`; empty for the document itself. */
  readonly path: string;
  readonly message: string;
  /** What would have been right. */
  readonly expected?: string;
  /** What was probably meant. */
  readonly suggestion?: string;
}

/** What a diagnostic may say beside its message. */
export interface Hints {
  readonly expected?: string | undefined;
  readonly suggestion?: string | undefined;
}

/** A diagnostic at a place. */
export function diagnose(
  severity: Diagnostic["severity"],
  place: Place,
  path: string,
  message: string,
  { expected, suggestion }: Hints = {},
): Diagnostic {
  return {
    severity,
    ...place,
    path,
    message,
    ...(expected === undefined ? {} : { expected }),
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}

/** In the order of reading, each once. Files come in the order given. */
export function inReadingOrder(
  diagnostics: readonly Diagnostic[],
  files: readonly string[],
): readonly Diagnostic[] {
  const seen = new Set<string>();
  const once = diagnostics.filter(({ file, line, column, message }) => {
    const key = JSON.stringify([file, line, column, message]);
    return !seen.has(key) && seen.add(key);
  });
  return once.sort(
    (a, b) => files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line || a.column - b.column,
  );
}
