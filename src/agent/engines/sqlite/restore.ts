import { existsSync, renameSync } from "node:fs";
import { dirname } from "node:path";
import { Failure } from "../../../errors.ts";
import { runTool } from "../../../tools/run.ts";
import type { AgentContext } from "../../context.ts";
import type { Producer } from "../engine.ts";
import { checkIntegrity } from "./facts.ts";
import { sync } from "./place.ts";
import { removeDatabase } from "./swap.ts";

/** Writes a dump to a new file, checks it, and only then gives it its name. Failure `restore.failed`, nothing left. */
export async function restoreFile(
  dump: Producer,
  file: string,
  asIf: string,
  context: AgentContext,
): Promise<void> {
  if (existsSync(file)) throw new Failure("restore.failed", `There is a file ${file} already`);
  const draft = `${file}.partial`;
  removeDatabase(draft);
  try {
    const result = await runTool(dump, { signal: context.signal, stdoutToFile: draft });
    if (result.aborted) throw new Failure("agent.interrupted", `The restore of ${asIf} was interrupted`);
    if (result.exitCode !== 0)
      throw new Failure(
        "restore.failed",
        `${asIf} could not be restored: ${context.redact(result.stderr.trim())}`,
      );
    await checkIntegrity(draft, asIf, context).catch((cause: Failure) => {
      throw cause.code === "engine.failed" ? new Failure("restore.failed", cause.message, { cause }) : cause;
    });
    sync(draft);
    renameSync(draft, file);
    sync(dirname(file));
  } finally {
    removeDatabase(draft);
  }
}
