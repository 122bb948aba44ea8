import { rm, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Failure } from "../../../errors.ts";
import {
  type Access,
  pgRestore,
  pgRestoreList,
  pgRestoreSchema,
  type RestoreArguments,
} from "../../../tools/postgres/argv.ts";
import type { Programs } from "../../../tools/postgres/programs.ts";
import type { Facts } from "../../../model/ledger.ts";
import { quoteIdentifier } from "../../../tools/postgres/sql-tokens.ts";
import { onlyTables, parseToc } from "../../../tools/postgres/toc.ts";
import { pipeTools, runTool, type Tool, type ToolResult } from "../../../tools/run.ts";
import type { AgentContext } from "../../context.ts";
import type { Producer, RestoreOptions } from "../engine.ts";
import { openMaintenance, versionOf } from "./access.ts";
import { type Archive, fetchToScratch, readHead, said } from "./archive.ts";
import { type Contents, readContents } from "./contents.ts";
import { createDatabase } from "./create-database.ts";
import { dropUnrecorded } from "./drop-unrecorded.ts";
import { dropDatabase } from "./drop.ts";
import { refuseMissing } from "./needs.ts";
import { openSession, type Session } from "./session.ts";
import { withoutRows } from "./without-rows.ts";

/** Where a dump is restored to. */
export interface Destination {
  readonly access: Access;
  readonly programs: Programs;
  /** A throwaway gets the roles that a dump needs and does not bring, and takes a locale that is there. */
  readonly throwaway: boolean;
}

const ALWAYS = async (): Promise<boolean> => true;

/** See `Server.restore`. */
export async function restoreDump(
  destination: Destination,
  dump: Producer,
  into: string,
  asIf: string,
  { tables, recorded = null, hasRoom = ALWAYS, beforehand }: RestoreOptions,
  context: AgentContext,
): Promise<readonly string[]> {
  const file = await fetchToScratch(dump, asIf, hasRoom, context);
  const archive: Archive = { dump, file };
  const session = await openMaintenance(destination.access, [], [into], context);
  try {
    const sql = await readHead(archive, (from) => pgRestoreSchema(destination.programs, from), context);
    const contents = readContents(sql);
    await refuseExisting(session, into);
    await beforehand?.();
    const { tablespaces } = await refuseMissing(session, contents, destination.throwaway, context);
    const list = tables === undefined ? null : await listFile(destination, archive, tables, context);
    const filling = { contents, into, asIf, tablespaces, list, recorded };
    return await createAndFill(destination, session, archive, filling, context);
  } finally {
    await session.close();
    if (file !== null) await rm(file, { force: true });
  }
}

interface Filling {
  readonly contents: Contents;
  readonly into: string;
  readonly asIf: string;
  readonly tablespaces: boolean;
  readonly list: string | null;
  readonly recorded: Facts | null;
}

/** The new database is dropped again whatever goes wrong. */
async function createAndFill(
  destination: Destination,
  session: Session,
  archive: Archive,
  { contents, into, asIf, tablespaces, list, recorded }: Filling,
  context: AgentContext,
): Promise<readonly string[]> {
  try {
    const options = { anyLocale: destination.throwaway, tablespaces };
    const notes = await createDatabase(session, contents, into, options);
    context.progress({ phase: `restoring ${asIf}` });
    const { major } = await versionOf(session);
    // From 17 on pg_restore sets transaction_timeout, which older servers do not know.
    const goOn = destination.programs.major >= 17 && major < 17;
    const jobs = availableParallelism();
    const how = { file: archive.file, jobs, tablespaces, list, singleTransaction: false, goOn };
    await fill(destination, archive, into, how, context);
    if (recorded !== null) await dropUnrecorded(destination.access, into, recorded, context);
    await analyze(destination, into, asIf, context);
    return notes;
  } catch (error) {
    await dropDatabase(destination.access, into, context).catch((failed: Error) =>
      context.log(`database ${into}, which is not complete, could not be dropped: ${failed.message}`),
    );
    if (error instanceof Failure && error.code !== "engine.failed") throw error;
    const what = error instanceof Error ? error.message : String(error);
    const detail = error instanceof Failure ? error.detail : undefined;
    throw new Failure("restore.failed", `${asIf} could not be restored: ${what}`, {
      cause: error,
      ...(detail === undefined ? {} : { detail }),
    });
  } finally {
    if (list !== null) await rm(list, { force: true });
  }
}

/**
 * Restores an archive into a database that exists.
 * @throws Failure `restore.failed` for anything but complete success.
 */
export async function fill(
  { programs, access }: Destination,
  { dump, file }: Archive,
  into: string,
  how: RestoreArguments,
  context: AgentContext,
): Promise<void> {
  const complaints: string[] = [];
  const options = {
    signal: context.signal,
    onStderrLine: (line: string): void => {
      if (isComplaint(line) && !(how.goOn && isTransactionTimeout(line))) complaints.push(line);
      else if (/: WARNING:/.test(line)) context.log(context.redact(line));
    },
  };
  const tool = pgRestore(programs, access, into, how);
  const results: { from: ToolResult | null; into: ToolResult } =
    file === null
      ? await pipeTools(dump, toTheEnd(tool, how.goOn), options)
      : { from: null, into: await runTool(tool, options) };
  const produced = results.from === null || results.from.exitCode === 0;
  const restored = results.into.exitCode === 0 || (how.goOn && results.into.exitCode === 1);
  if (produced && restored && complaints.length === 0 && !results.into.aborted) return;
  throw new Failure("restore.failed", "the dump could not be restored completely", {
    detail: said([results.from, results.into], context) || context.redact(withoutRows(complaints.join("\n"))),
  });
}

/**
 * Reads away what pg_restore leaves of its stdin: with a list, it ends after the last row that it wants, and the dump's
 * producer would fail of the closed pipe. Not where it failed, but for `goOn`, with which it may say so of nothing.
 */
function toTheEnd({ program, argv, env }: Tool, goOn: boolean): Tool {
  const script = goOn ? '"$@"; status=$?; cat >/dev/null; exit $status' : '"$@" && exec cat >/dev/null';
  return { program: "sh", argv: ["-c", script, "sh", program, ...argv], env };
}

/**
 * pg_restore's own errors and warnings, as ours; what the server says in capitals (NOTICE, WARNING) is for the log. Its
 * summary of ignored errors says nothing that the errors did not.
 */
function isComplaint(line: string): boolean {
  return /^pg_restore: (?:error|warning|fatal):/.test(line) && !/errors ignored on restore/.test(line);
}

function isTransactionTimeout(line: string): boolean {
  return line.endsWith('unrecognized configuration parameter "transaction_timeout"');
}

/** A restored database has no statistics, and its first queries would be slow. */
async function analyze(
  { access }: Destination,
  into: string,
  asIf: string,
  context: AgentContext,
): Promise<void> {
  context.progress({ phase: `analyzing ${asIf}` });
  const session = await openSession(access, into, context);
  try {
    await session.script("ANALYZE");
  } finally {
    await session.close();
  }
}

async function refuseExisting(session: Session, into: string): Promise<void> {
  const there = await session.rows("SELECT FROM pg_catalog.pg_database WHERE datname = $1", [into]);
  if (there.length > 0)
    throw new Failure("restore.failed", `there already is a database ${quoteIdentifier(into)}`);
}

async function listFile(
  { programs }: Destination,
  archive: Archive,
  tables: readonly string[],
  context: AgentContext,
): Promise<string> {
  const entries = parseToc(await readHead(archive, (from) => pgRestoreList(programs, from), context));
  const path = join(context.scratchDirectory, `restore-${context.randomHex(6)}.list`);
  await writeFile(path, onlyTables(entries, tables), { mode: 0o600 });
  return path;
}
