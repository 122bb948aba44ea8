import { existsSync } from "node:fs";
import { mkdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../../../errors.ts";
import { dotArgument } from "../../../tools/sqlite/shell.ts";
import type { AgentContext } from "../../context.ts";
import type { Source } from "../engine.ts";
import { checkIntegrity, countTables, readFacts } from "./facts.ts";
import { databaseName } from "./place.ts";
import { runShell } from "./shell.ts";

/**
 * Copies a database to the scratch directory while others write to it, checks the copy and counts it; the dump is that
 * very copy. Page by page by SQLite's backup interface, not by VACUUM INTO: that would renumber rows of tables without
 * an INTEGER PRIMARY KEY, and would move pages, so that a repository found little of yesterday's backup in it.
 */
export async function openSource(path: string, context: AgentContext): Promise<Source> {
  if (!existsSync(path))
    throw new Failure("engine.database-missing", `There is no file ${path} in the agent's container`, {
      where: path,
      todo: "Check the path, and that its directory is mounted into the agent.",
    });
  const name = databaseName(path);
  const directory = join(context.scratchDirectory, `sqlite-${context.randomHex(6)}`);
  const close = (): Promise<void> => rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true, mode: 0o700 });
  try {
    const copy = join(directory, "copy.sqlite3");
    await runShell(path, copyScript(copy), context);
    await checkIntegrity(copy, path, context);
    const facts = await readFacts(name, copy, context);
    const database = {
      name,
      sizeBytes: (await stat(copy)).size,
      tableCount: await countTables(copy, context),
      dump: { program: "cat", argv: [copy], env: {} },
      facts: async () => facts,
    };
    return { serverVersion: facts.server_version, databases: [database], globals: async () => null, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * A transaction is held over the copying: without it SQLite begins again whenever another process writes, and would
 * never end on a busy database. In WAL mode writers go on; in the older modes they wait for the copy.
 */
export function copyScript(to: string): string {
  return `BEGIN;\nSELECT count(*) FROM sqlite_schema;\n.backup main ${dotArgument(to)}\nCOMMIT;`;
}
