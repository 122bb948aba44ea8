import { mkdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { Failure } from "../../../errors.ts";
import type { SqliteTarget } from "../../../model/agent-policy.ts";
import { runTool } from "../../../tools/run.ts";
import type { AgentContext } from "../../context.ts";
import type { DatabaseTarget, Engine } from "../engine.ts";
import { writePlain } from "./plain.ts";
import { serverOf } from "./server.ts";
import { openSource } from "./source.ts";
import { verifyDump } from "./verify.ts";

/** SQLite: a database is a file, its dump a consistent copy of it. */
export const sqlite: Engine = {
  adapter: "sqlite",
  extension: "sqlite3",
  open: (target, context) => openSource(pathOf(target), context),
  verifyDump,
  startThrowaway: async (target, context) => {
    const directory = join(context.scratchDirectory, `sqlite-drill-${context.randomHex(6)}`);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const server = serverOf(join(directory, basename(pathOf(target))), await shellVersion(context), context);
    return { ...server, stop: () => rm(directory, { recursive: true, force: true }) };
  },
  connect: async (target, context) => serverOf(pathOf(target), await shellVersion(context), context),
  plain: (dump, _globals, toFile, context) => writePlain(dump, toFile, context),
};

function pathOf(target: DatabaseTarget): string {
  return (target as SqliteTarget).path;
}

async function shellVersion(context: AgentContext): Promise<string> {
  const { exitCode, stdout } = await runTool(
    { program: "sqlite3", argv: ["--version"], env: {} },
    { signal: context.signal },
  );
  if (exitCode !== 0) throw new Failure("engine.program-missing", "sqlite3 is not installed");
  return stdout.split(" ")[0] ?? "";
}
