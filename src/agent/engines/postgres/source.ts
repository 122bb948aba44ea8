import { Failure } from "../../../errors.ts";
import type { Facts } from "../../../model/ledger.ts";
import { pgDump, pgDumpGlobals } from "../../../tools/postgres/argv.ts";
import { runTool } from "../../../tools/run.ts";
import type { AgentContext } from "../../context.ts";
import type { DatabaseSource, DatabaseTarget, Source } from "../engine.ts";
import { openMaintenance, reachSite, type Site } from "./access.ts";
import { collectFacts, databaseSize, exportSnapshot } from "./facts.ts";
import { HAS_CONTENT, TABLE_COUNT } from "./facts-sql.ts";
import { openSession, place, type Session } from "./session.ts";

/** Made by initdb for tools to connect to; backed up only where somebody uses it. */
const MAINTENANCE = "postgres";

/**
 * Opens a session a database, whose snapshot its dump and its facts share. The sessions stay until `close`: a dump that
 * starts after its session was lost fails, as does `facts`.
 */
export async function openSource(target: DatabaseTarget, context: AgentContext): Promise<Source> {
  const site = await reachSite(target, context);
  const names = await databaseNames(site, context);
  if (site.database !== null && !names.includes(site.database))
    throw new Failure("engine.database-missing", `there is no database ${site.database}`, {
      where: place(site.access),
    });
  const opened: Opened[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(opened.map(({ session }) => session.close()));
  };
  try {
    for (const name of names) {
      const database = await openDatabase(name, site, context);
      if (database !== null) opened.push(database);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    serverVersion: site.version,
    databases: opened.map(({ source }) => source),
    globals: () => globals(site, names[0] ?? MAINTENANCE, context),
    close,
  };
}

interface Opened {
  readonly session: Session;
  readonly source: DatabaseSource;
}

/** Null: the maintenance database, and nobody uses it. */
async function openDatabase(name: string, site: Site, context: AgentContext): Promise<Opened | null> {
  const session = await openSession(site.access, name, context);
  try {
    const snapshot = await exportSnapshot(session);
    if (name === MAINTENANCE && site.database !== MAINTENANCE && !(await hasContent(session))) {
      await session.close();
      return null;
    }
    const [tables] = await session.rows<{ count: string }>(TABLE_COUNT);
    return {
      session,
      source: {
        name,
        sizeBytes: await databaseSize(session),
        tableCount: Number(tables?.count ?? 0),
        dump: pgDump(site.programs, site.access, name, snapshot),
        facts: (): Promise<Facts> => collectFacts(session),
      },
    };
  } catch (error) {
    await session.close();
    throw error;
  }
}

async function hasContent(session: Session): Promise<boolean> {
  const [row] = await session.rows<{ content: boolean }>(HAS_CONTENT);
  return row?.content ?? true;
}

/** Those that anybody may connect to and no templates; a DROP DATABASE that was interrupted leaves a limit of -2. */
async function databaseNames(site: Site, context: AgentContext): Promise<string[]> {
  const session = await openMaintenance(
    site.access,
    site.database === null ? [] : [site.database],
    [],
    context,
  );
  try {
    const rows = await session.rows<{ name: string }>(
      `SELECT datname AS name FROM pg_catalog.pg_database
        WHERE datallowconn AND NOT datistemplate AND datconnlimit <> -2 ORDER BY datname COLLATE "C"`,
    );
    return rows.map(({ name }) => name);
  } finally {
    await session.close();
  }
}

async function globals(site: Site, database: string, context: AgentContext): Promise<string> {
  const result = await runTool(pgDumpGlobals(site.programs, site.access, database), {
    signal: context.signal,
  });
  if (result.exitCode === 0) return result.stdout;
  throw new Failure("engine.failed", "pg_dumpall could not write the roles", {
    where: place(site.access),
    detail: context.redact(result.stderr.trim() || (result.spawnError ?? "it was stopped")),
  });
}
