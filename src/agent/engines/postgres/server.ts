import { Failure } from "../../../errors.ts";
import type { Facts } from "../../../model/ledger.ts";
import type { Access } from "../../../tools/postgres/argv.ts";
import type { Programs } from "../../../tools/postgres/programs.ts";
import type { AgentContext } from "../../context.ts";
import type { Server } from "../engine.ts";
import { openMaintenance } from "./access.ts";
import { ask } from "./ask.ts";
import { dropDatabase } from "./drop.ts";
import { collectFacts } from "./facts.ts";
import { diskOf } from "./free-space.ts";
import { restoreDump } from "./restore.ts";
import { restoreGlobals } from "./restore-globals.ts";
import { dropSchema, listSchemas } from "./schemas.ts";
import { openSession } from "./session.ts";
import { swapDatabases } from "./swap.ts";
import { swapTable } from "./swap-table.ts";

/** A server of that version. It keeps no session open: what it does may rename the databases that they would be in. */
export function serverAt(
  access: Access,
  programs: Programs,
  version: string,
  throwaway: boolean,
  context: AgentContext,
): Server {
  return {
    version,
    swapsAtOnce: "renaming",
    databases: () => databases(access, context),
    restoreGlobals: (sql) => restoreGlobals(access, sql, context),
    restore: (dump, into, asIf, options = {}) =>
      restoreDump({ access, programs, throwaway }, dump, into, asIf, options, context),
    disk: () => diskOf(access, context),
    facts: (database) => factsOf(access, database, context),
    ask: (database, sql) => ask(access, database, sql, context),
    swap: (restored, name, keptAs) => {
      if (restored === name || restored === keptAs || name === keptAs)
        throw new Failure("internal.bug", "a swap needs three names");
      return swapDatabases(access, restored, name, keptAs, context);
    },
    swapTable: (swap) => swapTable({ access, programs, throwaway }, swap, context),
    schemas: (database) => listSchemas(access, database, context),
    dropSchema: (database, schema) => dropSchema(access, database, schema, context),
    drop: (database) => dropDatabase(access, database, context),
    close: async () => {},
  };
}

async function databases(access: Access, context: AgentContext): Promise<string[]> {
  const session = await openMaintenance(access, [], [], context);
  try {
    const rows = await session.rows<{ name: string }>(
      'SELECT datname AS name FROM pg_catalog.pg_database WHERE NOT datistemplate ORDER BY datname COLLATE "C"',
    );
    return rows.map(({ name }) => name);
  } finally {
    await session.close();
  }
}

async function factsOf(access: Access, database: string, context: AgentContext): Promise<Facts> {
  const session = await openSession(access, database, context);
  try {
    await session.script("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    return await collectFacts(session);
  } finally {
    await session.close();
  }
}
