import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../../../errors.ts";
import { pipeTools } from "../../../tools/run.ts";
import type { AgentContext } from "../../context.ts";
import type { Producer } from "../engine.ts";
import { splitGlobals } from "./globals.ts";

/** The first line of MariaDB's newer dumps is a command that MySQL's client and older ones of MariaDB do not know. */
const JOIN = `cat "$1"; sed '1,5{/^\\/\\*M!999999/d;}'; cat "$2"`;

/**
 * The dump as an image's entry point takes it: users, then the dump, then the grants, which may be on its tables. The
 * entry point selects the database (MYSQL_DATABASE, MARIADB_DATABASE) before.
 */
export async function writePlain(
  dump: Producer,
  globals: string | null,
  toFile: string,
  context: AgentContext,
): Promise<void> {
  const directory = join(context.scratchDirectory, `mysql-plain-${context.randomHex(6)}`);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  try {
    const { users, grants } = splitGlobals(globals ?? "");
    const before = join(directory, "users.sql");
    const after = join(directory, "grants.sql");
    await writeFile(before, users, { mode: 0o600 });
    await writeFile(after, grants, { mode: 0o600 });
    const joined = { program: "/bin/sh", argv: ["-ec", JOIN, "sh", before, after], env: {} };
    const { from, into } = await pipeTools(dump, joined, { signal: context.signal, stdoutToFile: toFile });
    if (from.exitCode === 0 && into.exitCode === 0) return;
    await rm(toFile, { force: true });
    if (from.aborted) throw new Failure("agent.interrupted", `${toFile} was not written`);
    const words = into.exitCode === 0 ? from.stderr : into.stderr;
    throw new Failure("dump.unreadable", context.redact(words.trim()), { where: toFile });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
