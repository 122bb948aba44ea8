import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../../errors.ts";
import type { Facts } from "../../model/ledger.ts";
import type { AgentContext } from "../context.ts";
import type { Repository, Stored } from "../repository/repository.ts";
import type { Run } from "../repository/snapshot.ts";
import { inPrivateDirectory } from "./private-directory.ts";
import { type RunIdentity, tagsOf } from "./run-tags.ts";

const FACTS_FILE = "facts.json";
const GLOBALS_FILE = "globals.sql";
const FORMAT_VERSION = "1";

/**
 * What the last snapshot of a run holds: what restores and drills compare with, on any machine. It is stored once all
 * else was accepted, so a run without one was refused or died, and is no backup.
 */
export interface RunRecord {
  /** Of every database of the run; none of files. */
  readonly facts: readonly Facts[];
  /** Roles and grants of the server as SQL, with password verifiers; null where the engine has none. */
  readonly globals: string | null;
}

/** What a record and what engines write beside their dumps need in the scratch directory. */
export const RECORD_BYTES = 16 * 2 ** 20;

/**
 * Stores the record, which completes a run: the last that is stored of it.
 * @param tags besides those of every snapshot of the run
 * @throws Failure `repository.*`, `backup.failed`
 */
export async function storeRecord(
  record: RunRecord,
  { repository, identity }: { readonly repository: Repository; readonly identity: RunIdentity },
  tags: readonly string[],
  context: AgentContext,
): Promise<Stored> {
  context.progress({ phase: "storing the run's record" });
  return await inPrivateDirectory("record", context, async (directory) =>
    repository.backupPaths(await writeRecord(record, directory), [...tagsOf(identity, "globals"), ...tags]),
  );
}

/** Writes the record into a private directory; the files (mode 0600) that the run's last snapshot is to hold. */
export async function writeRecord(
  { facts, globals }: RunRecord,
  directory: string,
): Promise<readonly string[]> {
  const factsFile = join(directory, FACTS_FILE);
  await writeFile(
    factsFile,
    `${JSON.stringify({ format_version: FORMAT_VERSION, databases: facts }, null, 2)}\n`,
    {
      mode: 0o600,
    },
  );
  if (globals === null) return [factsFile];
  const globalsFile = join(directory, GLOBALS_FILE);
  await writeFile(globalsFile, globals, { mode: 0o600 });
  return [factsFile, globalsFile];
}

/**
 * The record of a run; null for one that the gem made, which has none.
 * @throws Failure `facts.unreadable`
 */
export async function readRecord(repository: Repository, run: Run): Promise<RunRecord | null> {
  const snapshot = run.snapshots.find(({ type }) => type === "globals");
  if (snapshot === undefined) return null;
  const facts = await readFacts(repository, run);
  const globalsFile = snapshot.paths.find((path) => path.endsWith(`/${GLOBALS_FILE}`));
  const globals = globalsFile === undefined ? null : await repository.readText(snapshot.id, globalsFile);
  return { facts, globals };
}

/**
 * Only the facts of a run; none where the gem made it.
 * @throws Failure `facts.unreadable`
 */
export async function readFacts(repository: Repository, run: Run): Promise<readonly Facts[]> {
  const snapshot = run.snapshots.find(({ type }) => type === "globals");
  if (snapshot === undefined) return [];
  const file = snapshot.paths.find((path) => path.endsWith(`/${FACTS_FILE}`));
  if (file === undefined) throw unreadable(run, "it has no facts.json");
  return parseFacts(await repository.readText(snapshot.id, file), run);
}

function parseFacts(text: string, run: Run): readonly Facts[] {
  let document: { readonly format_version?: unknown; readonly databases?: unknown };
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw unreadable(run, "its facts.json is no JSON", cause);
  }
  if (document?.format_version !== FORMAT_VERSION || !Array.isArray(document.databases)) {
    throw unreadable(run, `its facts.json has format_version ${JSON.stringify(document?.format_version)}`);
  }
  return document.databases;
}

function unreadable(run: Run, why: string, cause?: unknown): Failure {
  return new Failure("facts.unreadable", `what was recorded of run ${run.id} cannot be read: ${why}`, {
    cause,
  });
}
