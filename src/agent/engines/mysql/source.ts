import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../../../errors.ts";
import type { Facts } from "../../../model/ledger.ts";
import { dumpArgv } from "../../../tools/mariadb/dump.ts";
import type { AgentContext } from "../../context.ts";
import type { DatabaseSource, Producer, Source } from "../engine.ts";
import { type Catalog, dataTables, generatedColumns, listDatabases, readCatalog } from "./catalog.ts";
import { type Client, requireProgram } from "./client.ts";
import { producerEntry } from "./entry.ts";
import { factsOf } from "./facts.ts";
import { readGlobals } from "./globals.ts";

const POLL_MS = 200;

/** All databases of a server, each to be dumped in a transaction of its own. */
export async function openSource(client: Client, context: AgentContext): Promise<Source> {
  let closed = false;
  const databases: DatabaseSource[] = [];
  for (const name of await listDatabases(client)) {
    const catalog = await readCatalog(client, name);
    for (const line of warnings(name, catalog, client)) context.log(line);
    const countsFile = join(client.directory, `counts-${databases.length}.json`);
    const facts = async (): Promise<Facts> => {
      while (!existsSync(countsFile)) {
        if (closed || context.signal.aborted)
          throw new Failure("engine.failed", `The dump of ${name} did not come to its end`);
        await context.clock.sleep(POLL_MS, context.signal);
      }
      const counts = JSON.parse(await readFile(countsFile, "utf8")) as Record<string, number>;
      return factsOf(name, client, await readCatalog(client, name), new Map(Object.entries(counts)));
    };
    databases.push({
      name,
      sizeBytes: catalog.sizeBytes,
      tableCount: dataTables(catalog).length,
      dump: producer(client, name, catalog, await generatedColumns(client, name), countsFile),
      facts: () => {
        const promise = facts();
        // Nobody awaits it when the dump beside it failed.
        promise.catch(() => {});
        return promise;
      },
    });
  }
  return {
    serverVersion: client.server.text,
    databases,
    globals: () => readGlobals(client),
    close: async () => {
      closed = true;
      await client.close();
    },
  };
}

function producer(
  client: Client,
  database: string,
  catalog: Catalog,
  generated: Readonly<Record<string, readonly string[]>>,
  countsFile: string,
): Producer {
  const history = catalog.tables.some(({ kind }) => kind === "versioned") && keepsHistory(client);
  const namedColumns = Object.keys(generated).length > 0;
  const argv = dumpArgv(client.optionFile, { database, history, namedColumns });
  const [program = "", ...entry] = producerEntry();
  // Without a name it is about the database that the dump is restored into.
  const prologue = `ALTER DATABASE ${catalog.charset};\n`;
  const own = [countsFile, prologue, JSON.stringify(generated)];
  return { program, argv: [...entry, ...own, requireProgram("dump"), ...argv], env: {} };
}

/** Only from 10.11 on can old rows be inserted. */
function keepsHistory({ server }: Client): boolean {
  return server.major > 10 || (server.major === 10 && server.minor >= 11);
}

function warnings(database: string, catalog: Catalog, client: Client): string[] {
  const unsafe = dataTables(catalog).filter(({ transactional }) => !transactional);
  const versioned = catalog.tables.some(({ kind }) => kind === "versioned") && !keepsHistory(client);
  return [
    ...(unsafe.length === 0
      ? []
      : [
          `${database}: ${unsafe.map(({ name }) => name).join(", ")} cannot be read in a transaction (not InnoDB): ` +
            "what is written to them during the dump may be in it half",
        ]),
    ...(versioned
      ? [`${database}: a server before 10.11 cannot restore the history of versioned tables`]
      : []),
  ];
}
