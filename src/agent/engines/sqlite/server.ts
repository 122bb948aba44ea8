import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, extname } from "node:path";
import { Failure } from "../../../errors.ts";
import type { AgentContext } from "../../context.ts";
import { diskOf } from "../../disk.ts";
import type { Server } from "../engine.ts";
import { readFacts } from "./facts.ts";
import { databaseName, databaseOf, fileBeside } from "./place.ts";
import { restoreFile } from "./restore.ts";
import { queryShell } from "./shell.ts";
import { removeDatabase, swapFiles } from "./swap.ts";

/**
 * What a server is to the other engines: the directory of a database file. A database of it is a file with the same
 * extension.
 * @param live of the target's own database file.
 */
export function serverOf(live: string, version: string, context: AgentContext): Server {
  const fileOf = (name: string): string => (name === databaseName(live) ? live : fileBeside(live, name));
  return {
    version,
    swapsAtOnce: "copying",
    databases: async () =>
      readdirSync(dirname(live))
        .filter((name) => extname(name) === extname(live))
        .map((name) => (name === basename(live) ? databaseName(live) : databaseOf(name)))
        .sort(),
    // It has no users.
    restoreGlobals: async () => [],
    restore: async (dump, into, asIf, { beforehand } = {}) => {
      await beforehand?.();
      await restoreFile(dump, fileOf(into), asIf, context);
      return [];
    },
    disk: () => diskOf(dirname(live)),
    facts: (database) => readFacts(database, fileOf(database), context),
    ask: async (database, sql) => {
      const [row = {}] = await queryShell(fileOf(database), sql, context);
      return Object.values(row)[0] ?? null;
    },
    swap: async (restored, name, keptAs) => swapFiles(fileOf(name), fileOf(restored), keptAs, context),
    drop: async (database) => {
      const file = fileOf(database);
      if (file === live && existsSync(file))
        throw new Failure("internal.bug", `${database} is the live database: it is not dropped`);
      removeDatabase(file);
    },
    close: async () => {},
  };
}
