/**
 * Every failure that a user can meet: its exit status and what to do about it. docs/errors.md is generated from this
 * table. Exit statuses: 1 an error, 3 something could not be observed.
 */
export const ERRORS = {
  "policy.missing": { exit: 1, todo: "Write a backup-policy.yml, or name yours with --policy FILE." },
  "policy.invalid": { exit: 1, todo: "Correct the lines shown; docs/policy.md describes every key." },
  "internal.bug": { exit: 1, todo: "This is a fault of kamal-backup: please report it with the command and this message." },
} as const satisfies Record<string, { exit: 1 | 3; todo: string }>;

export type ErrorCode = keyof typeof ERRORS;

export interface FailureOptions {
  /** Where it happened: `backup-policy.yml:12:5`, `host 10.0.1.2`, a command. */
  readonly where?: string;
  /** What to do, when it is more than the table says. */
  readonly todo?: string;
  /** Lines that help: redacted output of a program, a snippet to paste. */
  readonly detail?: string;
  readonly cause?: unknown;
}

/** The only error that is thrown on purpose: what happened, where, and what to do. Never holds a secret. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly code: ErrorCode;
  readonly where: string | undefined;
  readonly todo: string;
  readonly detail: string | undefined;

  constructor(code: ErrorCode, what: string, options: FailureOptions = {}) {
    super(what, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.where = options.where;
    this.todo = options.todo ?? ERRORS[code].todo;
    this.detail = options.detail;
  }

  get exit(): 1 | 3 {
    return ERRORS[this.code].exit;
  }
}
