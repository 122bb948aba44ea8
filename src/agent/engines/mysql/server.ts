import { Failure } from "../../../errors.ts";
import { identifier } from "../../../tools/mariadb/sql.ts";
import type { AgentContext } from "../../context.ts";
import type { Server } from "../engine.ts";
import { listDatabases } from "./catalog.ts";
import { type Client, connectClient } from "./client.ts";
import type { MariadbLogin } from "../../../tools/mariadb/option-file.ts";
import { forgetEvents, pauseEvents } from "./events.ts";
import { countFacts } from "./facts.ts";
import { restoreDump, restoreGlobals } from "./restore.ts";
import { swapDatabases } from "./swap.ts";
import { takeBackSwap } from "./swap-back.ts";

export interface ServerOptions {
  readonly login: MariadbLogin;
  /** Of the target, for messages. */
  readonly name: string;
  /** Its event scheduler may run what a restore brings. */
  readonly inProduction: boolean;
  /** See `Throwaway.standIn`; null: it is of the kind that the dump is of. */
  readonly standIn: string | null;
}

/** A server that dumps are restored into, through a client that is connected to it. */
export function serverOf(client: Client, options: ServerOptions, context: AgentContext): Server {
  // Once begun it is brought to its end: a signal in its few seconds must not leave the database without triggers.
  const steady = { ...context, signal: new AbortController().signal };
  const steadily = async <Result>(work: (second: Client) => Promise<Result>): Promise<Result> => {
    if (context.signal.aborted) throw new Failure("agent.interrupted", "Nothing was exchanged yet");
    const second = await connectClient(options.login, options.name, steady);
    try {
      return await work(second);
    } finally {
      await second.close();
    }
  };
  return {
    version: client.server.text,
    databases: () => listDatabases(client),
    restoreGlobals: (sql) => restoreGlobals(client, sql, context),
    restore: async (dump, into, asIf, { beforehand } = {}) => {
      // Its dump is read only once, as it is restored; and views need their definers by then.
      await beforehand?.();
      await restoreDump(client, dump, { into, asIf, standIn: options.standIn }, context);
      if (options.inProduction) await pauseEvents(client, into, context);
      return [];
    },
    facts: (database) => countFacts(client, database),
    ask: (database, sql) => ask(client, database, sql),
    swap: (restored, live, kept) =>
      steadily((second) => swapDatabases(second, { live, restored, kept }, steady)),
    takeBackSwap: (restored, live, kept) =>
      steadily((second) => takeBackSwap(second, { live, restored, kept }, steady)),
    drop: async (database) => {
      await client.script(`DROP DATABASE IF EXISTS ${identifier(database)}`);
      if (options.inProduction) forgetEvents(database, context);
    },
    close: () => client.close(),
  };
}

/** As JSON, so that a number is one; the servers have no booleans, but 1 and 0. */
async function ask(client: Client, database: string, sql: string): Promise<unknown> {
  const query = sql.trim().replace(/;+$/, "");
  // The newline ends a comment at the end of the query.
  const [[answer = "[null]"] = []] = await client.query(`SELECT JSON_ARRAY((${query}\n))`, database);
  try {
    return (JSON.parse(answer) as unknown[])[0];
  } catch {
    // MariaDB quotes no word of a variable that is a switch: [ON].
    return answer.slice(1, -1);
  }
}
