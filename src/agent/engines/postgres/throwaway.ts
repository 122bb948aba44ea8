import { appendFile, chmod, chown, stat } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../../../errors.ts";
import type { Access } from "../../../tools/postgres/argv.ts";
import { findPrograms, type Programs } from "../../../tools/postgres/programs.ts";
import { type Account, initdb, startServer, stopServer } from "../../../tools/postgres/server-argv.ts";
import { runTool, type Tool } from "../../../tools/run.ts";
import type { AgentContext } from "../../context.ts";
import type { DatabaseTarget, Throwaway } from "../engine.ts";
import { makeThrowawayDirectory, removeLeftovers, type ThrowawayDirectory } from "../throwaway-directory.ts";
import { openMaintenance, versionOf } from "./access.ts";
import { said } from "./archive.ts";
import { accountOfServer } from "./account.ts";
import { endServer } from "./leftovers.ts";
import { serverAt } from "./server.ts";
import { throwawayConfiguration } from "./throwaway-configuration.ts";

/** How the name of its directory begins. */
const PREFIX = "pg-";

/** Name of a Unix socket's file: no other server is in its directory. */
const PORT = 5432;

/** A socket's whole path must fit into sockaddr_un: 108 bytes with the zero. */
const LONGEST_SOCKET = 107;

/** See `Engine.tidyThrowaways`. */
export async function tidyThrowaways(context: AgentContext): Promise<void> {
  await removeLeftovers(PREFIX, endServer, context);
}

/**
 * See `Engine.startThrowaway`. Its superuser has the name of the target's: what that one granted can be granted again.
 * Nobody but root and the server's account can enter the directory of the socket, which asks for no password.
 */
export async function startThrowaway(target: DatabaseTarget, context: AgentContext): Promise<Throwaway> {
  if (target.type !== "server") throw new Failure("internal.bug", `${target.name} is no database server`);
  await tidyThrowaways(context);
  const programs = await findPrograms(context.signal);
  const user = context.reveal(target.connection.user);
  const name = `${PREFIX}${context.randomHex(4)}`;
  const directory = join(context.scratchDirectory, name);
  if (Buffer.byteLength(join(directory, `.s.PGSQL.${PORT}`)) > LONGEST_SOCKET)
    throw new Failure("drill.start-failed", `the path ${directory} is too long for a Unix socket`);
  const access: Access = { host: directory, port: PORT, user, password: null };
  const account = await accountOfServer();
  const made = await makeThrowawayDirectory(name, context);
  try {
    await openTo(account, directory, context);
    await runOrFail(initdb(programs, account, join(directory, "data"), user), context);
    await appendFile(join(directory, "data/postgresql.conf"), throwawayConfiguration(directory));
    context.progress({ phase: "starting a throwaway server" });
    await runOrFail(startServer(programs, account, directory), context);
    const session = await openMaintenance(access, [], [], context);
    const { version } = await versionOf(session);
    await session.close();
    return {
      ...serverAt(access, programs, version, true, context),
      stop: () => stopThrowaway(programs, account, made),
    };
  } catch (error) {
    await stopThrowaway(programs, account, made);
    throw error;
  }
}

async function openTo(account: Account | null, directory: string, context: AgentContext): Promise<void> {
  if (account === null) return;
  await chown(directory, account.uid, account.gid);
  // The account has to get through; what lies in there has permissions of its own.
  const { mode } = await stat(context.scratchDirectory);
  if ((mode & 0o001) === 0) await chmod(context.scratchDirectory, (mode & 0o7777) | 0o011);
}

async function runOrFail(tool: Tool, context: AgentContext): Promise<void> {
  const result = await runTool(tool, { signal: context.signal });
  if (result.exitCode === 0) return;
  throw new Failure("drill.start-failed", "the throwaway server did not start", {
    detail: `${context.redact(result.stdout.trim())}\n${said([result], context)}`.trim(),
  });
}

/** Its data is worth nothing: it is not shut down but ended. */
async function stopThrowaway(
  programs: Programs,
  account: Account | null,
  { path, remove }: ThrowawayDirectory,
): Promise<void> {
  await runTool(stopServer(programs, account, path), { signal: new AbortController().signal });
  await remove();
}
