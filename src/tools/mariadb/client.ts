/** Options of the client in batch mode: it stops at the first error unless told, and exits with a status then. */
export function clientArgv(
  optionFile: string,
  database: string | null,
  ...more: readonly string[]
): string[] {
  const argv = [`--defaults-file=${optionFile}`, "--batch", "--skip-column-names", ...more];
  // After `--database=`, so that a name may begin with a dash.
  return database === null ? argv : [...argv, `--database=${database}`];
}

/** What became of a client's connection or statement, by its message. */
export interface ServerError {
  /** Of MariaDB and MySQL: 1045; null where the program failed before it had one. */
  readonly number: number | null;
  readonly kind: "unreachable" | "refused" | "failed";
  readonly message: string;
}

const UNREACHABLE = new Set([2002, 2003, 2005, 2006, 2013, 2026, 1040, 1203]);
const REFUSED = new Set([1044, 1045, 1130, 1142, 1227, 1251, 1698, 2059, 3118]);

/** Reads `ERROR 1045 (28000): Access denied ...` of the client and `Got error: 2002: "..."` of the dump. */
export function parseServerError(stderr: string): ServerError {
  const match = /^ERROR (\d+) \(\w+\)[^:]*: .*$/m.exec(stderr) ?? /Got error: (\d+): .*$/m.exec(stderr);
  if (match === null) return { number: null, kind: "failed", message: lastLine(stderr) };
  const number = Number(match[1]);
  const kind = UNREACHABLE.has(number) ? "unreachable" : REFUSED.has(number) ? "refused" : "failed";
  return { number, kind, message: match[0] };
}

function lastLine(text: string): string {
  return text.trimEnd().split("\n").at(-1) ?? "";
}
