import type { AgentAssertion, ServerTarget, SqliteTarget } from "../../model/agent-policy.ts";
import type { Facts } from "../../model/ledger.ts";
import type { AgentContext } from "../context.ts";
import type { Disk } from "../disk.ts";

/** A target that is a database. */
export type DatabaseTarget = ServerTarget | SqliteTarget;

/** A program to run, whose stdout is wanted; secrets are in its environment only. */
export interface Producer {
  readonly program: string;
  readonly argv: readonly string[];
  /** All of its environment besides PATH, LANG and HOME. */
  readonly env: Readonly<Record<string, string>>;
}

/** A kind of database: what the jobs need of it. Another engine adds a folder and a line in `engines/index.ts`. */
export interface Engine {
  /** Tag `adapter:<adapter>`: postgres, mysql (MariaDB too), sqlite. */
  readonly adapter: string;
  /** The end of a dump's file name: `pgdump`, `sql`, `sqlite3`. */
  readonly extension: string;
  /**
   * Opens what will be dumped. Everything comes from one consistent view a database.
   * @throws Failure `engine.*`: unreachable, refused, a client older than the server.
   */
  open(target: DatabaseTarget, context: AgentContext): Promise<Source>;
  /** A dump's table of contents can be read and has every table of the facts; `dump` writes it to a stdout. Failure `dump.unreadable` otherwise. */
  verifyDump(dump: Producer, facts: Facts, context: AgentContext): Promise<void>;
  /** Removes throwaway servers of drills that were killed. Absent where a drill has no server. */
  tidyThrowaways?(context: AgentContext): Promise<void>;
  /**
   * A throwaway server in the scratch directory: Unix socket only, no archiving, no network. `stop` removes it and all
   * its files.
   */
  startThrowaway(target: DatabaseTarget, context: AgentContext): Promise<Throwaway>;
  /** The target's own server, for a restore in production. */
  connect(target: DatabaseTarget, context: AgentContext): Promise<Server>;
  /** The dump as plain SQL that a new accessory's /docker-entrypoint-initdb.d takes; written to `toFile`. `globals` come first. */
  plain(dump: Producer, globals: string | null, toFile: string, context: AgentContext): Promise<void>;
}

/** An opened source; `close` ends its sessions and is safe to call at any time, several times. */
export interface Source {
  readonly serverVersion: string;
  /** In the order of their names. */
  readonly databases: readonly DatabaseSource[];
  /** Roles, grants and what else belongs to the server and to no database, as SQL; null where the engine has none. */
  globals(): Promise<string | null>;
  close(): Promise<void>;
}

export interface DatabaseSource {
  readonly name: string;
  /** Size as the server says, for progress. */
  readonly sizeBytes: number;
  /** How many tables it has now, before the dump. */
  readonly tableCount: number;
  readonly dump: Producer;
  /** Of the very data that the dump holds. Runs beside the dump or after it; call it once, and await it after the dump ended. */
  facts(): Promise<Facts>;
}

/** A server that dumps are restored into. */
export interface Server {
  readonly version: string;
  /**
   * Its swap is one step, so that none is ever half done: by renaming both databases, or by copying the old one to
   * `keptAs` and then the new one in. Absent where a swap may stop half-way and has to be brought to its end.
   */
  readonly swapsAtOnce?: "renaming" | "copying";
  /** In the order of their names. */
  databases(): Promise<readonly string[]>;
  /** Roles and grants as `globals` of a backup says; what is there stays as it is. The names of those it made. */
  restoreGlobals(sql: string): Promise<readonly string[]>;
  /**
   * Restores into a new database of that name. Anything but complete success is Failure `restore.failed`, and the new
   * database is gone. `dump` writes the dump to its stdout; `asIf` is the name that it had. What a throwaway could
   * not make as it was, and went on without, in words.
   */
  restore(dump: Producer, into: string, asIf: string, options?: RestoreOptions): Promise<readonly string[]>;
  /** The disk that new databases are written to; null where it cannot be told. Absent where it never can. */
  disk?(): Promise<Disk | null>;
  /** Recounts, for the comparison. */
  facts(database: string): Promise<Facts>;
  /** The single value of a query, as the server's JSON has it. */
  ask(database: string, sql: string): Promise<unknown>;
  /**
   * Puts the restored database in the place of the one of that name, which is kept as `keptAs`: in one short moment in
   * which nobody is connected. Interrupted anywhere, one of the two is in place; run again, it goes on.
   */
  swap(restored: string, name: string, keptAs: string): Promise<void>;
  /**
   * Takes back a swap that moved no table, as if it had not begun; false where it moved some, or all: `swap` brings it
   * to its end. Absent where swaps are one step.
   */
  takeBackSwap?(restored: string, name: string, keptAs: string): Promise<boolean>;
  /**
   * Puts one table of a restored database (see `RestoreOptions.tables`) in the place of the live one, which is kept in
   * the schema `keptIn`. What cannot be done safely is Failure `restore.table-refused`, with the restored table beside.
   * Absent where an engine cannot.
   */
  swapTable?(swap: TableSwap): Promise<TableSwapped>;
  /** Of a database. Absent where `swapTable` is. */
  schemas?(database: string): Promise<readonly string[]>;
  /**
   * Removes a schema that `swapTable` made, and the tables in it; absent is fine. Failure `engine.failed` where anything
   * else is in it, or goes by its tables. Absent where `swapTable` is.
   */
  dropSchema?(database: string, schema: string): Promise<void>;
  /** Removes a database that a restore made; absent is fine. */
  drop(database: string): Promise<void>;
  close(): Promise<void>;
}

export interface RestoreOptions {
  /** Only the rows of these (`schema.table`), with every definition but foreign keys and the like; all rows unless told. */
  readonly tables?: readonly string[];
  /** What was recorded of the database: what every new one has, and this one had dropped, is dropped again. */
  readonly recorded?: Facts | null;
  /** Whether the database still fits beside a copy of the dump in the scratch directory; asked once that is there. */
  readonly hasRoom?: () => Promise<boolean>;
  /**
   * Awaited once the dump turned out to be readable, as far as the engine can tell before it restores, and before
   * anything is made of it: brings what the dump needs on the server.
   */
  readonly beforehand?: () => Promise<void>;
}

export interface TableSwap {
  /** Made by `restore` with that one table; its definitions may be changed by the swap. */
  readonly restored: string;
  /** The live database. */
  readonly database: string;
  /** `schema.table` */
  readonly table: string;
  /** A schema that is made in the live database for the table to stand beside: `restored_20261121t021500z`. */
  readonly beside: string;
  /** A schema that is made for the live table: `before_20261121t021500z`. */
  readonly keptIn: string;
}

export interface TableSwapped {
  /** Of the table that is in place now. */
  readonly rows: number;
  /** Of the one that was; null: there was none. */
  readonly rowsBefore: number | null;
  /** What the table had and could not be given back, in words. */
  readonly left: readonly string[];
}

export interface Throwaway extends Server {
  /**
   * Where it is of another kind than the target's server, which one in the place of which: "MariaDB 11.8.6 in the place
   * of MySQL". A dump that only this one refuses is Failure `drill.other-server` of its `restore`.
   */
  readonly standIn?: string;
  /** Stops it and removes every file of it. */
  stop(): Promise<void>;
}

/** An assertion and what came of it. */
export interface AssertionResult {
  readonly name: AgentAssertion["name"];
  readonly passed: boolean;
  /** As the server's JSON has it; an error's words where the query failed. */
  readonly got: unknown;
  /** In words: "at least 1", "true". */
  readonly wanted: string;
}
