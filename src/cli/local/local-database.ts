/** A database on this machine, or wherever the developer's URL leads, that a dump is restored into. */
export interface LocalDatabase {
  readonly name: string;
  /** Whether it is there and has tables. */
  hasTables(signal: AbortSignal): Promise<boolean>;
  /** Drops it, where it is there, and makes it new and empty. */
  recreate(signal: AbortSignal): Promise<void>;
  /** Restores a dump, a file, into the empty database. */
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
