import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { AgentContext } from "../../../../../src/agent/context.ts";
import { type Client, connectClient } from "../../../../../src/agent/engines/mysql/client.ts";
import { mysql } from "../../../../../src/agent/engines/mysql/index.ts";
import type { Producer } from "../../../../../src/agent/engines/engine.ts";
import type { Failure } from "../../../../../src/errors.ts";
import type { ServerTarget } from "../../../../../src/model/agent-policy.ts";
import { findProgram, findServer } from "../../../../../src/tools/mariadb/programs.ts";
import { installArgv, serverArgv } from "../../../../../src/tools/mariadb/server.ts";
import { runTool } from "../../../../../src/tools/run.ts";

export const PASSWORD = 'canary "#\\ 77';

/** A server with data, on a socket, as users have it; and an agent beside it. */
export interface Production {
  readonly directory: string;
  readonly target: ServerTarget;
  readonly client: Client;
  readonly context: AgentContext;
  readonly logged: string[];
  stop(): Promise<void>;
}

export async function startProduction(): Promise<Production> {
  const directory = mkdtempSync(join(tmpdir(), "kb-mysql-"));
  const server = findServer("mariadb");
  if (server === null) throw new Error("mariadb-server-core is not installed");
  chmodSync(directory, 0o755);
  for (const each of ["server", "state", "scratch"]) mkdirSync(join(directory, each));
  const place = { directory: join(directory, "server"), user: process.getuid?.() === 0 ? "nobody" : null };
  if (place.user !== null) chownSync(place.directory, 65534, 65534);
  const { path: program, isMysql } = server;
  const install = isMysql ? program : findProgram("install");
  const stopping = new AbortController();
  const options = { signal: stopping.signal, graceSeconds: 0 };
  await runTool({ program: install ?? "", argv: installArgv(place, isMysql), env: {} }, options);
  const argv = serverArgv(place, isMysql).filter((each) => !each.startsWith("--event-scheduler"));
  const ended = runTool({ program, argv: [...argv, "--event-scheduler=ON"], env: {} }, options);
  const logged: string[] = [];
  const context = contextIn(directory, logged);
  const login = { host: place.directory, port: 0, user: "root", password: "" };
  const client = await firstAnswer(() => connectClient(login, "db", context));
  await client.script(`CREATE USER agent@localhost IDENTIFIED BY '${PASSWORD.replaceAll("\\", "\\\\")}';
    GRANT ALL ON *.* TO agent@localhost WITH GRANT OPTION;`);
  return {
    directory,
    target: targetOf(place.directory, PASSWORD),
    client,
    context,
    logged,
    stop: async () => {
      await client.close();
      stopping.abort();
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function firstAnswer(connect: () => Promise<Client>): Promise<Client> {
  for (let attempt = 0; attempt < 300; attempt++) {
    try {
      return await connect();
    } catch {
      await wait(100);
    }
  }
  throw new Error("the server did not start");
}

/** An agent's context in a directory that has `state` and `scratch`. */
export function contextIn(directory: string, logged: string[]): AgentContext {
  let count = 0;
  return {
    policy: undefined as never,
    reveal: (value) => (typeof value === "string" ? value : PASSWORD),
    redact: (text) => text.replaceAll(PASSWORD, "[REDACTED]"),
    stateDirectory: join(directory, "state"),
    scratchDirectory: join(directory, "scratch"),
    clock: { now: () => new Date(), sleep: (milliseconds) => wait(milliseconds) },
    randomHex: () => String(++count).padStart(6, "0"),
    log: (line) => logged.push(line),
    progress: () => {},
    signal: new AbortController().signal,
  };
}

export function targetOf(host: string, password: string): ServerTarget {
  return {
    type: "server",
    name: "db",
    engine: "mariadb",
    connection: { host, port: 3306, user: "agent", password, database: null },
    backup: {
      schedule: "@daily",
      jitter_seconds: 0,
      repository: "r",
      retention: null,
      check: null,
      prune: null,
    },
    objectives: { rpo_seconds: null, rto_seconds: null },
    drill: null,
  };
}

/** Runs a dump into a file, as a repository would take it. */
export async function dumpToFile(dump: Producer, file: string, { context }: Production): Promise<Producer> {
  const { exitCode, stderr } = await runTool(dump, { signal: context.signal, stdoutToFile: file });
  if (exitCode !== 0) throw new Error(`the dump ended with ${exitCode}: ${stderr}`);
  return fromFile(file);
}

export function fromFile(file: string): Producer {
  return { program: "cat", argv: [file], env: {} };
}

/** Backs up one database: its facts, and a producer of the dump. */
export async function backUp(production: Production, database: string) {
  const source = await mysql.open(production.target, production.context);
  try {
    const found = source.databases.find(({ name }) => name === database);
    if (found === undefined) throw new Error(`no database ${database}`);
    const facts = found.facts();
    const file = join(production.directory, `${database}-${production.context.randomHex(3)}.sql`);
    const dump = await dumpToFile(found.dump, file, production);
    return { facts: await facts, dump, file, globals: (await source.globals()) ?? "" };
  } finally {
    await source.close();
  }
}

export async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  return await promise.then(
    () => {
      throw new Error("it did not fail");
    },
    (error: Failure) => error,
  );
}
