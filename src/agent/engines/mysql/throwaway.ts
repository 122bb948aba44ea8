import { chmodSync, chownSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Failure } from "../../../errors.ts";
import { findProgram, findServer } from "../../../tools/mariadb/programs.ts";
import { installArgv, serverArgv } from "../../../tools/mariadb/server.ts";
import { runTool } from "../../../tools/run.ts";
import type { ServerTarget } from "../../../model/agent-policy.ts";
import type { AgentContext } from "../../context.ts";
import type { Throwaway } from "../engine.ts";
import { makeThrowawayDirectory, removeLeftovers } from "../throwaway-directory.ts";
import { type Client, connectClient, type ServerVersion } from "./client.ts";
import { endServer } from "./leftovers.ts";
import { serverOf } from "./server.ts";

/** How the name of its directory begins. */
const PREFIX = "mysql-drill-";

const START_SECONDS = 60;
const POLL_MS = 100;

/** See `Engine.tidyThrowaways`. */
export async function tidyThrowaways(context: AgentContext): Promise<void> {
  await removeLeftovers(PREFIX, endServer, context);
}

/**
 * A server of this machine in a directory of its own, as a user that may do nothing else: of the target's kind where
 * there is one. Failure `drill.no-server` where none is installed, `drill.start-failed`.
 */
export async function startThrowaway(
  { name: target, engine }: ServerTarget,
  context: AgentContext,
): Promise<Throwaway> {
  const found = findServer(engine === "mysql" ? "mysql" : "mariadb");
  if (found === null)
    throw new Failure("drill.no-server", "No MariaDB or MySQL server is installed here to drill on");
  const { path: program, isMysql } = found;
  const install = isMysql ? program : findProgram("install");
  if (install === null) throw new Failure("drill.no-server", "mariadb-install-db is not installed");

  await tidyThrowaways(context);
  const { path: directory, remove } = await makeThrowawayDirectory(
    `${PREFIX}${context.randomHex(6)}`,
    context,
  );
  const user = giveToServer(directory, context);
  const place = { directory, user: user?.name ?? null };
  // Its user may write nowhere else, also not to the agent's TMPDIR.
  const env = { HOME: directory, TMPDIR: directory };
  const stopping = new AbortController();
  let ended: Promise<unknown> = Promise.resolve();
  const stop = async (): Promise<void> => {
    // Nothing of it is worth an orderly end.
    stopping.abort();
    await ended;
    await remove();
  };
  try {
    const made = await runTool(
      { program: install, argv: installArgv(place, isMysql), env },
      { signal: context.signal },
    );
    if (made.exitCode !== 0) throw startFailed(made.stdout + made.stderr, context);
    let isOver = false;
    const server = runTool(
      { program, argv: serverArgv(place, isMysql), env },
      { signal: stopping.signal, graceSeconds: 0 },
    );
    ended = server.then(() => {
      isOver = true;
    });
    const login = { host: directory, port: 0, user: "root", password: "" };
    const client = await firstAnswer(
      () => connectClient(login, target, context),
      () => isOver,
      directory,
      context,
    );
    const standIn = isMysql === (engine === "mysql") ? null : standInOf(client.server);
    const options = { login, name: target, inProduction: false, standIn };
    return {
      ...serverOf(client, options, context),
      ...(standIn === null ? {} : { standIn }),
      stop: () => client.close().then(stop),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function standInOf({ text, isMariadb }: ServerVersion): string {
  const [version] = text.split("-");
  return isMariadb ? `MariaDB ${version} in the place of MySQL` : `MySQL ${version} in the place of MariaDB`;
}

/** To the user that the server runs as; null where this process is not root and runs it itself. */
function giveToServer(directory: string, context: AgentContext): { readonly name: string } | null {
  if (process.getuid?.() !== 0) return null;
  const [name, uid, gid] = serverUser();
  chownSync(directory, uid, gid);
  // The server's user has to get through; what is in it is closed by itself.
  chmodSync(context.scratchDirectory, statSync(context.scratchDirectory).mode | 0o011);
  return { name };
}

function serverUser(): readonly [name: string, uid: number, gid: number] {
  const users = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"));
  const [name = "nobody", , uid = "65534", gid = "65534"] =
    users.find(([each]) => each === "mysql") ?? users.find(([each]) => each === "nobody") ?? [];
  return [name, Number(uid), Number(gid)];
}

async function firstAnswer(
  connect: () => Promise<Client>,
  isOver: () => boolean,
  directory: string,
  context: AgentContext,
): Promise<Client> {
  const until = performance.now() + START_SECONDS * 1000;
  for (;;) {
    try {
      return await connect();
    } catch (error) {
      if (context.signal.aborted) throw error;
      if (isOver() || performance.now() > until) throw startFailed(logOf(directory), context, error);
    }
    await wait(POLL_MS);
  }
}

function logOf(directory: string): string {
  try {
    return readFileSync(join(directory, "server.log"), "utf8");
  } catch {
    return "";
  }
}

function startFailed(log: string, context: AgentContext, cause?: unknown): Failure {
  const lines = context.redact(log).trim().split("\n");
  const detail = lines.slice(-10).join("\n");
  return new Failure("drill.start-failed", "The throwaway server did not start", { detail, cause });
}
