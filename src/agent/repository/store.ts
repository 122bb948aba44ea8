import { Failure } from "../../errors.ts";
import { COMMANDS, pathsArgv, streamArgv } from "../../tools/restic/commands.ts";
import { RESTIC_EXIT } from "../../tools/restic/exit-status.ts";
import { type BackupSummary, parseProgress, parseStderr, parseSummary } from "../../tools/restic/messages.ts";
import type { ToolResult } from "../../tools/run.ts";
import type { AgentContext } from "../context.ts";
import type { Producer } from "../engines/engine.ts";
import { readKnown, remember } from "./known.ts";
import { hear } from "./producer-words.ts";
import type { Stored } from "./repository.ts";
import type { Restic } from "./restic.ts";

/** See `Repository.backupStream`. */
export async function storeStream(
  restic: Restic,
  context: AgentContext,
  producer: Producer,
  filename: string,
  tags: readonly string[],
): Promise<Stored> {
  // restic 0.18.0 cannot back up stdin under a name with a directory in it (restic#5324).
  if (filename.includes("/"))
    throw new Failure("internal.bug", `the file name ${filename} has a directory in it`);
  const heard = hear(producer, Object.keys(restic.plain([]).env), context);
  try {
    const argv = streamArgv(heard.producer, filename, context.policy.host, tags);
    return await store(restic, context, argv, { what: filename, producer, words: heard.words });
  } finally {
    heard.forget();
  }
}

/** See `Repository.backupPaths`. */
export async function storePaths(
  restic: Restic,
  context: AgentContext,
  paths: readonly string[],
  tags: readonly string[],
): Promise<Stored> {
  const argv = pathsArgv(paths, context.policy.host, tags);
  return await store(restic, context, argv, { what: paths.join(", "), producer: null, words: () => "" });
}

interface Source {
  /** In words. */
  readonly what: string;
  readonly producer: Producer | null;
  /** The end of what the producer wrote to stderr. */
  words(): string;
}

async function store(
  restic: Restic,
  context: AgentContext,
  argv: readonly string[],
  source: Source,
): Promise<Stored> {
  const { what, producer } = source;
  let summary: BackupSummary | null = null;
  const { result, failure } = await restic.attempt(restic.tool(argv), {
    toDo: `back up ${what}`,
    otherwise: "backup.failed",
    ...(producer === null ? {} : { env: producer.env }),
    onStdoutLine: (line) => {
      summary = parseSummary(line) ?? summary;
      const progress = parseProgress(line);
      if (progress !== null) context.progress({ phase: `storing ${what}`, ...progress });
    },
  });
  // Told to the compiler: the callback has set it.
  const made = summary as BackupSummary | null;
  if (failure === null && made !== null) return made;
  if (made !== null) await discard(restic, context, made.snapshotId);
  if (failure === null) throw new Failure("backup.failed", `restic says nothing of a snapshot of ${what}`);
  throw explained(failure, result, source, context);
}

/** A producer's own words say why it failed; restic's say only that it did. */
function explained(
  failure: Failure,
  result: ToolResult,
  { producer, words }: Source,
  { redact }: AgentContext,
): Failure {
  if (failure.code !== "backup.failed") return failure;
  const said = parseStderr(result.stderr).restic;
  const detail = [words(), said].filter((text) => text !== "").join("\n");
  const rest = { detail: redact(detail), ...(failure.where === undefined ? {} : { where: failure.where }) };
  if (producer === null) {
    const unreadable = result.exitCode === RESTIC_EXIT.incomplete;
    return new Failure("backup.failed", unreadable ? "some files could not be read" : failure.message, rest);
  }
  const status = /command failed: (.*)/.exec(said)?.[1];
  if (status !== undefined)
    return new Failure("backup.failed", `${producer.program} failed: ${status}`, rest);
  if (/no data read/.test(said))
    return new Failure("backup.failed", `${producer.program} wrote nothing`, rest);
  return new Failure("backup.failed", failure.message, rest);
}

/**
 * Forgets the snapshot of a backup that failed all the same: restic leaves one where a file could not be read, and
 * where a producer wrote nothing (exit status 3). Written down first: until it is gone it is not listed.
 */
async function discard(restic: Restic, context: AgentContext, snapshotId: string): Promise<void> {
  const { unfit } = readKnown(context.stateDirectory, restic.name);
  remember(context.stateDirectory, restic.name, { unfit: [...unfit, snapshotId] });
  await forgetUnfit(restic, context).catch((error: Error) =>
    context.log(`the snapshot of a failed backup could not be forgotten yet: ${error.message}`),
  );
}

/** Forgets what earlier runs could not. @throws Failure `repository.*` */
export async function forgetUnfit(restic: Restic, context: AgentContext): Promise<void> {
  const { unfit } = readKnown(context.stateDirectory, restic.name);
  if (unfit.length === 0) return;
  await restic.run(COMMANDS.forget(unfit), { toDo: "forget the snapshot of a failed backup" });
  const later = readKnown(context.stateDirectory, restic.name).unfit.filter((id) => !unfit.includes(id));
  remember(context.stateDirectory, restic.name, { unfit: later });
}
