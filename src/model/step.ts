import type { Template, Value } from "./secret.ts";

/**
 * One thing that apply does, as plain JSON: it can be printed with the exact command that will run, saved, reviewed,
 * and replayed. `engine/run-step.ts` is the only place that executes one. Every step may be interrupted anywhere and
 * run again.
 */
export type Step = EditStep | KamalStep | DockerStep | SqlStep | WaitStep | UndoEditsStep | EndIfRunningStep;

/** Write a file of the checkout. `before` (null: the file is absent) must be what is there, or `after` already. */
export interface EditStep {
  readonly run: "edit";
  /** Relative to the directory that Kamal runs in. */
  readonly path: string;
  readonly before: string | null;
  readonly after: string;
}

/** Run the Kamal CLI; the destination and configuration options are added by the runner. */
export interface KamalStep {
  readonly run: "kamal";
  readonly argv: readonly string[];
}

/** Run docker on a host; `stdin` is where a secret may go. */
export interface DockerStep {
  readonly run: "docker";
  readonly host: string;
  readonly argv: readonly string[];
  readonly stdin?: Template;
}

/**
 * Run a statement with psql inside a container, as the superuser over its local socket. `:'name'` and `:"name"` in the
 * statement are psql's interpolation of a parameter as a literal and as an identifier; parameters travel on stdin.
 */
export interface SqlStep {
  readonly run: "sql";
  readonly host: string;
  readonly container: string;
  readonly statement: string;
  readonly params: Readonly<Record<string, SqlParam>>;
}

/** A plain value or secret, or the SCRAM-SHA-256 verifier of a password, computed when the step runs. */
export type SqlParam = Value | { readonly scramOf: Value };

/** Wait until Postgres in a container answers over TCP, a statement returns `t`, or a program in it ends with 0. */
export interface WaitStep {
  readonly run: "wait";
  readonly host: string;
  readonly container: string;
  readonly until:
    | "ready"
    | { readonly statement: string; readonly params: Readonly<Record<string, SqlParam>> }
    | { readonly argv: readonly string[] };
  /** The container that has to run meanwhile, where it is not the one that is asked. */
  readonly mustRun?: { readonly host: string; readonly container: string };
  /** What is waited for, in words: "db-replica streams from db". */
  readonly what: string;
  readonly timeoutSeconds: number;
}

/** The rollback ends here when the container, by its id, is still there and runs: what failed did not touch it. */
export interface EndIfRunningStep {
  readonly run: "end-if-running";
  readonly host: string;
  readonly container: string;
}

/** Put back every file of the checkout that this apply has edited. Only used in a rollback. */
export interface UndoEditsStep {
  readonly run: "undo-edits";
}
