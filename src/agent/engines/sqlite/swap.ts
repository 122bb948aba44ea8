import { chmodSync, chownSync, existsSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { EventEmitter, once } from "node:events";
import { PassThrough } from "node:stream";
import { Failure } from "../../../errors.ts";
import { BUSY_MS, dotArgument, shellArgv } from "../../../tools/sqlite/shell.ts";
import { SIDE_FILES } from "../../../tools/sqlite/side-files.ts";
import { runTool, type ToolResult } from "../../../tools/run.ts";
import type { AgentContext } from "../../context.ts";
import { runShell } from "./shell.ts";
import { copyScript } from "./source.ts";
import { fileBeside, sync } from "./place.ts";

const HELD = "writers wait";
const DONE = "the new database is in place";

/**
 * Puts a restored file's content into the live database, in one transaction of SQLite: an app that has it open sees the
 * new content with its next statement, and a kill leaves the old one. Renaming a file under an app would leave it
 * writing to the old one, and could pair a new database with an old WAL. The old content is copied to `keptAs` first.
 *
 * Writers are held off while the old content is copied. One that waited may come between that and the exchange: stop
 * the app where that matters. Called again after a kill, it copies what is live to a further name.
 */
export async function swapFiles(
  live: string,
  restored: string,
  keptAs: string,
  context: AgentContext,
): Promise<void> {
  if (!existsSync(restored)) {
    // It was killed after its last step.
    if (existsSync(live) && existsSync(fileBeside(live, keptAs))) return;
    throw refused(`There is no restored database ${restored}`);
  }
  const kept = freeName(live, keptAs);
  if (kept !== fileBeside(live, keptAs))
    context.log(
      `An interrupted restore had kept the old database already: what is live now is kept as ${kept}`,
    );
  if (!existsSync(live)) {
    moveSideFiles(live, kept);
    takePlace(restored, live);
    return;
  }
  try {
    await exchangeContent(live, restored, kept, context);
  } catch (error) {
    if (!(error instanceof Failure) || !/file is not a database|malformed/.test(error.message)) throw error;
    context.log(`${live} is no readable database: it is moved aside as it is`);
    const aside = freeName(live, keptAs);
    renameSync(live, aside);
    moveSideFiles(live, aside);
    takePlace(restored, live);
  }
}

/**
 * One shell holds writers off while another one copies (SQLite copies nothing out of a connection that writes), and
 * then takes the new content in.
 */
async function exchangeContent(
  live: string,
  restored: string,
  kept: string,
  context: AgentContext,
): Promise<void> {
  const draft = `${kept}.partial`;
  removeDatabase(draft);
  const input = new PassThrough();
  input.write(`.timeout ${BUSY_MS}\nBEGIN IMMEDIATE;\nSELECT '${HELD}';\n`);
  const said = new EventEmitter();
  let done = false;
  const ended = runTool(
    { program: "sqlite3", argv: shellArgv(live), env: {} },
    {
      signal: context.signal,
      stdin: input,
      onStdoutLine: (line) => {
        done ||= line === DONE;
        said.emit(line);
      },
    },
  );
  const held = once(said, HELD).then(() => true);
  try {
    if (await Promise.race([held, ended.then(() => false)])) {
      await runShell(live, copyScript(draft), context);
      keep(draft, kept, live);
      input.write(`COMMIT;\n.restore main ${dotArgument(restored)}\nSELECT '${DONE}';\n`);
    }
  } finally {
    input.end();
    await ended;
    removeDatabase(draft);
  }
  // Not the exit status: that of an interrupted shell says nothing.
  if (done) removeDatabase(restored);
  else throw notExchanged(await ended, live, context);
}

function notExchanged(result: ToolResult, live: string, context: AgentContext): Failure {
  if (result.aborted) return new Failure("agent.interrupted", `${live} was not exchanged`, { where: live });
  return new Failure("restore.swap-refused", context.redact(result.stderr.trim()), {
    where: live,
    todo: "Stop what uses the database (it was locked for 30 seconds, or cannot be written), then run the restore again.",
  });
}

/** Whole and on the disk before the live one changes; of the same owner and mode. */
function keep(draft: string, kept: string, live: string): void {
  const { uid, gid, mode } = statSync(live);
  chownSync(draft, uid, gid);
  chmodSync(draft, mode);
  sync(draft);
  renameSync(draft, kept);
  sync(dirname(kept));
}

function freeName(live: string, keptAs: string): string {
  for (let count = 1; ; count++) {
    const path = fileBeside(live, count === 1 ? keptAs : `${keptAs}_${count}`);
    if (!existsSync(path)) return path;
  }
}

/** Of a database that is gone: SQLite would take them for the new one's. */
function moveSideFiles(live: string, kept: string): void {
  for (const side of SIDE_FILES) if (existsSync(live + side)) renameSync(live + side, kept + side);
}

function takePlace(restored: string, live: string): void {
  // Nothing says whose it was but the directory.
  const { uid, gid } = statSync(dirname(live));
  chownSync(restored, uid, gid);
  renameSync(restored, live);
  for (const side of SIDE_FILES) rmSync(restored + side, { force: true });
  sync(dirname(live));
}

/** Absent is fine. */
export function removeDatabase(path: string): void {
  for (const each of [path, ...SIDE_FILES.map((side) => path + side)]) rmSync(each, { force: true });
}

function refused(message: string): Failure {
  return new Failure("restore.swap-refused", message);
}
