import type { Value } from "./secret.ts";

/**
 * A question to Postgres in a container: a statement that returns one row with one JSON column. All facts of a
 * container are asked in one psql session; one that fails leaves the others.
 */
export interface Fact {
  readonly name: string;
  readonly sql: string;
  /** Interpolated by psql as `:'name'` or `:"name"`; they travel on stdin. */
  readonly params?: Readonly<Record<string, Value>>;
}
