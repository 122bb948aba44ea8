import type { Value } from "./secret.ts";

/** A question to what runs in a container. One that fails leaves the others. */
export type Fact = SqlFact | ProgramFact;

/** A statement to Postgres that returns one row with one JSON column. All of a container are asked in one session. */
export interface SqlFact {
  readonly name: string;
  readonly sql: string;
  /** Interpolated by psql as `:'name'` or `:"name"`; they travel on stdin. */
  readonly params?: Readonly<Record<string, Value>>;
}

/** A program in the container that prints one JSON value. It has to end by itself: nobody stops it. */
export interface ProgramFact {
  readonly name: string;
  readonly argv: readonly string[];
}
