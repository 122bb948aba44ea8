import { open, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../../../errors.ts";
import { pgRestoreSchema, pgRestoreSql } from "../../../tools/postgres/argv.ts";
import { findPrograms } from "../../../tools/postgres/programs.ts";
import { pipeTools, type Tool } from "../../../tools/run.ts";
import type { AgentContext } from "../../context.ts";
import type { Producer } from "../engine.ts";
import { readHead, said } from "./archive.ts";
import { readContents } from "./contents.ts";
import { readGlobals } from "./globals.ts";
import { plainPreamble } from "./plain-preamble.ts";

/** pg_restore's own settings stand at its script's head. */
const HEAD_BYTES = 8192;

/** pg_restore writes it since 17, and servers before 17 do not know it. It sets the default. */
const NOT_FOR_ALL = /^SE(?=T transaction_timeout = 0;$)/gm;

/** See `Engine.plain`. For psql of August 2025 or later (its \restrict keeps data from being taken for commands), with ON_ERROR_STOP, as a superuser, in the database that takes it; mode 0600, as it holds verifiers. */
export async function writePlain(
  dump: Producer,
  globals: string | null,
  toFile: string,
  context: AgentContext,
): Promise<void> {
  await refuseSpecialFile(toFile);
  const programs = await findPrograms(context.signal);
  const archive = { dump, file: null };
  const schemaSql = await readHead(archive, (file) => pgRestoreSchema(programs, file), context);
  const preamble = plainPreamble(readContents(schemaSql), globals === null ? null : readGlobals(globals));
  const preambleFile = join(context.scratchDirectory, `plain-${context.randomHex(6)}.sql`);
  try {
    await writeFile(preambleFile, preamble, { mode: 0o600 });
    const into = afterFile(preambleFile, pgRestoreSql(programs));
    const results = await pipeTools(dump, into, { signal: context.signal, stdoutToFile: toFile });
    if (results.from.exitCode !== 0 || results.into.exitCode !== 0)
      throw new Failure("dump.unreadable", "the dump could not be written as SQL", {
        detail: said([results.from, results.into], context),
      });
    await commentOut(toFile, Buffer.byteLength(preamble));
  } catch (error) {
    await rm(toFile, { force: true });
    throw error;
  } finally {
    await rm(preambleFile, { force: true });
  }
}

/** The file gets mode 0600, is edited in place and removed on a failure: nothing of that may happen to a device. */
async function refuseSpecialFile(path: string): Promise<void> {
  const there = await stat(path).catch(() => null);
  if (there !== null && !there.isFile())
    throw new Failure("files.unwritable", `${path} is no ordinary file`, { where: path });
}

/** A program whose stdout comes after a file's text. */
function afterFile(file: string, { program, argv, env }: Tool): Tool {
  return { program: "/bin/sh", argv: ["-c", 'cat -- "$0" && exec "$@"', file, program, ...argv], env };
}

/** Changes the script's head in place: the file may be large. */
async function commentOut(path: string, from: number): Promise<void> {
  const file = await open(path, "r+");
  try {
    const length = Math.min(HEAD_BYTES, (await file.stat()).size - from);
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, from);
    await file.write(Buffer.from(headForAll(buffer.toString("latin1")), "latin1"), 0, length, from);
  } finally {
    await file.close();
  }
}

/** The head of pg_restore's script, of the same length, with such lines as comments: up to the first entry. */
export function headForAll(text: string): string {
  const entries = text.indexOf("\n-- Name: ");
  const end = entries < 0 ? text.length : entries;
  return text.slice(0, end).replaceAll(NOT_FOR_ALL, "--") + text.slice(end);
}
