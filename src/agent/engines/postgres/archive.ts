import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../../../errors.ts";
import { showBytes } from "../../../model/bytes.ts";
import { pipeHead, runTool, type Tool, type ToolResult } from "../../../tools/run.ts";
import type { AgentContext } from "../../context.ts";
import { type Disk, diskOf, fits, reserveOf } from "../../disk.ts";
import type { Producer } from "../engine.ts";
import { withoutRows } from "./without-rows.ts";

/** A dump, and the file that holds all of it, where there is one. */
export interface Archive {
  readonly dump: Producer;
  readonly file: string | null;
}

const WATCH_MS = 1000;

/**
 * What a pg_restore says that reads no more than an archive's head. The dump's producer is ended
 * then, which is no error.
 * @throws Failure `dump.unreadable`
 */
export async function readHead(
  { dump, file }: Archive,
  reader: (file: string | null) => Tool,
  context: AgentContext,
): Promise<string> {
  const { signal } = context;
  const { from, into } =
    file === null
      ? await pipeHead(dump, reader(null), { signal })
      : { from: null, into: await runTool(reader(file), { signal }) };
  if (into.exitCode === 0) return into.stdout;
  throw new Failure("dump.unreadable", "the dump cannot be read", { detail: said([from, into], context) });
}

/** Most of what a program said that is shown, in characters. */
const SHOWN = 4000;

/** What programs said, and how they ended, redacted and without rows and statements. */
export function said(results: readonly (ToolResult | null)[], context: AgentContext): string {
  const words = results.flatMap((result) => {
    if (result === null || result.exitCode === 0) return [];
    const end =
      result.spawnError ?? result.signal ?? (result.aborted ? "stopped" : `exit ${result.exitCode}`);
    return [withoutRows(result.stderr).trim().slice(-SHOWN), `(${end})`];
  });
  return context.redact(words.filter((word) => word !== "").join("\n"));
}

/**
 * The dump as a file, which several jobs can read at once. Null where the scratch directory has no room: the attempt
 * stops before it takes the last of it, as production may live on the same disk, and so may the restored database.
 * @throws Failure `restore.failed` where the dump cannot be read to its end.
 */
export async function fetchToScratch(
  dump: Producer,
  name: string,
  hasRoom: () => Promise<boolean>,
  context: AgentContext,
): Promise<string | null> {
  const file = join(context.scratchDirectory, `restore-${context.randomHex(6)}.pgdump`);
  const noRoom = new AbortController();
  let disk = await diskOf(context.scratchDirectory);
  let full = !fits(0, disk);
  const watch = setInterval(async () => {
    const bytes = await stat(file)
      .then(({ size }) => size)
      .catch(() => 0);
    context.progress({ phase: `fetching ${name}`, bytes, totalBytes: null });
    disk = await diskOf(context.scratchDirectory).catch(() => disk);
    if (!fits(0, disk)) {
      full = true;
      noRoom.abort();
    }
  }, WATCH_MS);
  try {
    if (!full) {
      const signal = AbortSignal.any([context.signal, noRoom.signal]);
      const result = await runTool(dump, { signal, stdoutToFile: file });
      const whole = result.exitCode === 0 && !result.aborted;
      if (whole && (await hasRoom())) return file;
      full ||= whole || /no space left|ENOSPC|disk quota/i.test(result.stderr);
      if (!full || context.signal.aborted) throw unread(name, result, context);
    }
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  } finally {
    clearInterval(watch);
  }
  await rm(file, { force: true });
  context.log(noRoomForCopy(name, disk));
  return null;
}

/** What the log says of a dump that is not copied, and that this is no failure. */
export function noRoomForCopy(name: string, disk: Disk): string {
  const short = fits(0, disk)
    ? "it does not fit, or would take the restored database's room"
    : `${showBytes(disk.free)} are free, and ${showBytes(reserveOf(disk))} are kept as a reserve`;
  return `no room for a copy of the dump of ${name} in the scratch directory (${short}): it is restored as it comes, which is slower and does no harm`;
}

function unread(name: string, result: ToolResult, context: AgentContext): Failure {
  return new Failure("restore.failed", `the dump of ${name} could not be read`, {
    detail: said([result], context),
  });
}
