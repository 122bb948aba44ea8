import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { shellArgv } from "../../../tools/sqlite/shell.ts";
import { runTool } from "../../../tools/run.ts";
import type { AgentContext } from "../../context.ts";
import type { Producer } from "../engine.ts";
import { restoreFile } from "./restore.ts";
import { shellFailure } from "./shell.ts";

/** The dump as SQL, for `sqlite3 new.sqlite3 < FILE`. */
export async function writePlain(dump: Producer, toFile: string, context: AgentContext): Promise<void> {
  const directory = join(context.scratchDirectory, `sqlite-${context.randomHex(6)}`);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  try {
    const file = join(directory, "plain.sqlite3");
    await restoreFile(dump, file, "The dump", context);
    const tool = { program: "sqlite3", argv: [...shellArgv(file), ".dump"], env: {} };
    const result = await runTool(tool, { signal: context.signal, stdoutToFile: toFile });
    if (result.exitCode === 0) return;
    await rm(toFile, { force: true });
    throw shellFailure(result, toFile, context);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
