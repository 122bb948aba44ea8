import { rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Failure } from "../../errors.ts";
import type { AgentTarget } from "../../model/agent-policy.ts";
import { runTool } from "../../tools/run.ts";
import type { AgentContext } from "../context.ts";
import type { DatabaseTarget, Producer } from "../engines/engine.ts";
import { engineOf } from "../engines/index.ts";
import { filesOf } from "../repository/runs.ts";
import { applicationDatabase, chooseDatabase, dumpsOf } from "./choose-database.ts";
import { readRecord } from "./facts-file.ts";
import type { JobResult } from "./job.ts";
import { dumpOf, type PinnedRun, withRun } from "./pinned-run.ts";
import { inPrivateDirectory } from "./private-directory.ts";

export interface DumpOptions {
  /** `latest`, a timestamp, or the start of a snapshot's id. */
  readonly selector: string;
  /** Null: the application's, or the only one of the run. */
  readonly database: string | null;
  /** SQL that a new accessory's /docker-entrypoint-initdb.d takes, in place of the engine's own format. */
  readonly plain: boolean;
  /** A file, written beside and then renamed, mode 0600; `-` for this process' stdout. */
  readonly output: string;
}

const STDOUT = 1;

/**
 * Takes a dump out of the repository: the bytes that the engine's own program wrote, or plain SQL; of files a tar
 * archive.
 * @throws Failure `repository.*`, `restore.no-such-database`, `restore.not-possible`, `files.unwritable`
 */
export async function dumpBackup(
  target: AgentTarget,
  options: DumpOptions,
  context: AgentContext,
): Promise<JobResult> {
  return await withRun(target, options.selector, context, (pinned) =>
    dumpRun(target, pinned, options, context),
  );
}

async function dumpRun(
  target: AgentTarget,
  pinned: PinnedRun,
  options: DumpOptions,
  context: AgentContext,
): Promise<JobResult> {
  const { run, repository } = pinned;
  context.progress({ phase: `writing ${target.name}` });
  const details = { run: run.id, repository: repository.name, output: options.output };
  if (target.type === "files") {
    if (options.plain)
      throw new Failure("restore.not-possible", `${target.name} has files: there is no SQL of them`);
    await writeBytes(repository.dumpProducer(filesOf(run)?.id ?? run.id, "/"), options.output, context);
    return { outcome: "success", details };
  }
  const dumps = dumpsOf(run, target, options.database, context);
  const database = chooseDatabase([...dumps.keys()], options.database, applicationDatabase(target, context));
  const snapshot = dumps.get(database);
  if (snapshot === undefined) throw new Failure("internal.bug", `run ${run.id} has no dump of ${database}`);
  const dump = dumpOf(pinned, snapshot);
  if (options.plain) await writePlain(target, pinned, dump, options.output, context);
  else await writeBytes(dump, options.output, context);
  return { outcome: "success", details: { ...details, database, snapshot: snapshot.id } };
}

async function writePlain(
  target: DatabaseTarget,
  { repository, run }: PinnedRun,
  dump: Producer,
  output: string,
  context: AgentContext,
): Promise<void> {
  const globals = (await readRecord(repository, run))?.globals ?? null;
  const write = (file: string): Promise<void> => engineOf(target).plain(dump, globals, file, context);
  if (output !== "-") {
    await besideAndRenamed(output, context, write);
    return;
  }
  // Its head and tail are edited in place.
  await inPrivateDirectory("dump", context, async (directory) => {
    const file = join(directory, "plain.sql");
    await write(file);
    await produce({ program: "cat", argv: ["--", file], env: {} }, STDOUT, context);
  });
}

async function writeBytes(dump: Producer, output: string, context: AgentContext): Promise<void> {
  if (output === "-") await produce(dump, STDOUT, context);
  else await besideAndRenamed(output, context, (file) => produce(dump, file, context));
}

/** A file of that name is whole, or it is not there (or still the one of before). */
async function besideAndRenamed(
  output: string,
  context: AgentContext,
  write: (file: string) => Promise<void>,
): Promise<void> {
  // Programs run in the directory /.
  const path = resolve(output);
  const draft = `${path}.${context.randomHex(4)}.partial`;
  try {
    await write(draft);
    await rename(draft, path).catch((cause) => {
      throw new Failure("files.unwritable", `${path} cannot be written`, { where: path, cause });
    });
  } finally {
    await rm(draft, { force: true });
  }
}

async function produce(dump: Producer, stdoutToFile: string | number, context: AgentContext): Promise<void> {
  const result = await runTool(dump, { signal: context.signal, stdoutToFile });
  if (result.exitCode === 0 && !result.aborted) return;
  if (context.signal.aborted)
    throw new Failure("agent.interrupted", "stopped while the dump was being written");
  throw new Failure("dump.unreadable", "the dump could not be read out of the repository", {
    detail: context.redact(result.stderr.trim() || (result.spawnError ?? result.signal ?? "")),
  });
}
