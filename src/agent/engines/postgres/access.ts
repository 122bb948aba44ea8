import type { ServerTarget } from "../../../model/agent-policy.ts";
import type { Access } from "../../../tools/postgres/argv.ts";
import { findPrograms, type Programs } from "../../../tools/postgres/programs.ts";
import { Failure } from "../../../errors.ts";
import type { AgentContext } from "../../context.ts";
import type { DatabaseTarget } from "../engine.ts";
import { openSession, place, serverError, type Session } from "./session.ts";

/** A server and the programs for it. */
export interface Site {
  readonly access: Access;
  readonly programs: Programs;
  /** The application's database; null where the policy does not say. */
  readonly database: string | null;
  /** `17.6`. */
  readonly version: string;
}

/** The target's server, whose version is checked against the programs before anything else runs. */
export async function reachSite(target: DatabaseTarget, context: AgentContext): Promise<Site> {
  const { connection } = serverTarget(target);
  const access: Access = {
    host: connection.host,
    port: connection.port,
    user: context.reveal(connection.user),
    password: context.reveal(connection.password),
  };
  const database = connection.database === null ? null : context.reveal(connection.database);
  const programs = await findPrograms(context.signal);
  const session = await openMaintenance(access, database === null ? [] : [database], [], context);
  try {
    const { version, major } = await versionOf(session);
    refuseOlderClient(programs.major, major, version, place(access));
    return { access, programs, database, version };
  } finally {
    await session.close();
  }
}

/**
 * A session in a database that is no subject of the work: `postgres`, `template1`, or one of those given.
 * @param preferred tried first. @param not must not be connected to: it is renamed or dropped.
 */
export async function openMaintenance(
  access: Access,
  preferred: readonly string[],
  not: readonly string[],
  context: AgentContext,
): Promise<Session> {
  const names = [...new Set([...preferred, "postgres", "template1"])].filter((name) => !not.includes(name));
  let missing: unknown;
  for (const name of names) {
    try {
      return await openSession(access, name, context);
    } catch (error) {
      // Missing, or closed to connections.
      if (!["3D000", "55000"].includes(serverError(error)?.sqlstate ?? "")) throw error;
      missing ??= error;
    }
  }
  throw missing;
}

/** Refuses programs that the server is too new for, before anything runs. Exported for its test. */
export function refuseOlderClient(client: number, server: number, version: string, where: string): void {
  if (client >= server) return;
  throw new Failure(
    "engine.client-too-old",
    `the server is PostgreSQL ${version}, and the programs here are of ${client}`,
    { where },
  );
}

/** `15.18 (Debian 15.18-0+deb12u1)` is 15.18. */
export async function versionOf(session: Session): Promise<{ version: string; major: number }> {
  const [row] = await session.rows<{ version: string; number: string }>(
    "SELECT current_setting('server_version') AS version, current_setting('server_version_num') AS number",
  );
  const { version = "", number = "0" } = row ?? {};
  return { version: version.split(" ")[0] ?? version, major: Math.floor(Number(number) / 10_000) };
}

function serverTarget(target: DatabaseTarget): ServerTarget {
  if (target.type === "server") return target;
  throw new Failure("internal.bug", `${target.name} is no database server`);
}
