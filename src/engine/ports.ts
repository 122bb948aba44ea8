/**
 * What steps act on, outside the checkout. Every function rejects with a Failure when the program fails, and takes a
 * signal that kills what runs.
 */
export interface Ports {
  /** Runs Kamal with the destination and configuration of this project, under the lock that apply holds. */
  kamal(argv: readonly string[], abort: AbortSignal): Promise<void>;
  /** Runs docker on a host; gives its stdout. */
  docker(
    host: string,
    argv: readonly string[],
    stdin: string | undefined,
    abort: AbortSignal,
  ): Promise<string>;
  /** The last lines of a container's log, without secrets. */
  logTail(host: string, container: string): Promise<string>;
  /** Runs a statement in a container's Postgres; gives its rows, unaligned, one a line. */
  sql(
    host: string,
    container: string,
    statement: string,
    params: Readonly<Record<string, string>>,
    abort: AbortSignal,
  ): Promise<string>;
}

/** How a run is asked to end. */
export interface Stops {
  /** First signal: start nothing more; a wait ends, anything else is finished. */
  readonly stop: AbortSignal;
  /** Second signal: kill what runs. */
  readonly abort: AbortSignal;
}

/** The user asked to end: not a failure of anything. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}
