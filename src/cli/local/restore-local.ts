import { join, resolve } from "node:path";
import { Failure } from "../../errors.ts";
import type { AgentTarget } from "../../model/agent-policy.ts";
import type { AgentNode } from "../../model/topology.ts";
import type { Session } from "../session.ts";
import { fetchDump } from "../remote/fetch-dump.ts";
import { openLocal } from "./open-local.ts";
import type { LocalDatabase } from "./local-database.ts";
import { moveAside, unpack } from "./local-place.ts";
import { moveDatabaseAside } from "./move-database-aside.ts";
import { inTemporaryDirectory, privateFile, writeWhole } from "./private-file.ts";

export interface LocalRestore {
  readonly node: AgentNode;
  readonly target: AgentTarget;
  readonly selector: string | undefined;
  /** Of a server with several; undefined: the application's. */
  readonly database: string | undefined;
  /** URL of a database; path of a SQLite file; directory of files. */
  readonly to: string;
  /** A database that has tables is replaced; files in the way are moved aside. */
  readonly replace: boolean;
  /** For the names of what is moved aside. */
  readonly now: Date;
  readonly signal: AbortSignal;
}

export interface Restored {
  /** Of the agent's command; the rest only with 0. */
  readonly exit: number;
  readonly where: string;
  /** The names that what was in the way has now. */
  readonly aside: readonly string[];
}

/**
 * Brings a backup to this machine. Production is only read. The place is looked at before anything is fetched.
 * @throws Failure `local.*`, `cli.usage`, `files.unwritable`, `agent.missing`, `host.*`.
 */
export async function restoreLocal(session: Session, restore: LocalRestore): Promise<Restored> {
  const { target } = restore;
  switch (target.type) {
    case "server":
      return await intoDatabase(session, restore, openLocal(restore.to, target.engine));
    case "sqlite":
      return await intoFile(session, restore);
    case "files":
      return await intoDirectory(session, restore);
  }
}

async function intoDatabase(
  session: Session,
  restore: LocalRestore,
  local: LocalDatabase,
): Promise<Restored> {
  const { replace, signal } = restore;
  if ((await local.hasTables(signal)) && !replace) {
    throw new Failure("local.not-empty", `the database ${local.name} has tables`);
  }
  return await inTemporaryDirectory(async (directory) => {
    const file = privateFile(join(directory, "dump"));
    const exit = await fetched(session, restore, file.write);
    file.close();
    if (exit === 0) await local.restore(file.path, signal);
    return { exit, where: `database ${local.name}`, aside: [] };
  });
}

async function intoFile(session: Session, restore: LocalRestore): Promise<Restored> {
  const path = localPath(restore.to);
  // Looked at first, moved only when there is something to put in its place.
  if (!restore.replace) moveDatabaseAside(path, false, restore.now);
  let exit = 0;
  let aside: readonly string[] = [];
  await writeWhole(path, async (write) => {
    exit = await fetched(session, restore, write);
    if (exit === 0) aside = moveDatabaseAside(path, restore.replace, restore.now);
    return exit === 0;
  });
  return { exit, where: path, aside };
}

async function intoDirectory(session: Session, restore: LocalRestore): Promise<Restored> {
  const path = localPath(restore.to);
  if (!restore.replace) moveAside(path, false, restore.now);
  return await inTemporaryDirectory(async (directory) => {
    const archive = privateFile(join(directory, "files.tar"));
    const exit = await fetched(session, restore, archive.write);
    archive.close();
    if (exit !== 0) return { exit, where: path, aside: [] };
    const aside = moveAside(path, restore.replace, restore.now);
    await unpack(archive.path, path, restore.target.name, restore.signal);
    return { exit, where: path, aside: aside === null ? [] : [aside] };
  });
}

async function fetched(
  { hosts }: Session,
  { node, target, selector, database }: LocalRestore,
  write: (chunk: Buffer) => void,
): Promise<number> {
  return await fetchDump(hosts, { node, target: target.name, selector, database, plain: false }, write);
}

/** A URL where a path belongs would make a directory called `postgres:`. */
function localPath(text: string): string {
  if (/^\w+:\/\//.test(text))
    throw new Failure("cli.usage", `--to takes a path here, not ${text.split("://")[0]}://…`);
  return resolve(text);
}
