/** A database on this machine, or wherever the developer's URL leads, that a dump is restored into. */
export interface LocalDatabase {
  readonly name: string;
  /** Whether it is there and has tables. */
  hasTables(signal: AbortSignal): Promise<boolean>;
  /**
   * Puts what is in a dump, a file, in its place. Where that fails nothing of it is left; Postgres has the old database
   * until the new one is whole, MySQL and MariaDB cannot rename one and have dropped it.
   */
  restore(file: string, signal: AbortSignal): Promise<void>;
  /** The single value of a query. */
  ask(sql: string, signal: AbortSignal): Promise<unknown>;
}

/** The parts of a database's URL; percent signs decoded, empty where the URL has none. */
export interface LocalUrl {
  readonly host: string;
  readonly port: string;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly options: Readonly<Record<string, string>>;
}
