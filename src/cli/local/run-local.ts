import { Failure } from "../../errors.ts";
import { runTool } from "../../tools/run.ts";
import type { Tool, ToolOptions } from "../../tools/run.ts";

/**
 * Runs a client program of this machine and gives its stdout.
 * @param install what to install where it is missing.
 * @throws Failure `local.program-missing`, `local.failed`; `agent.interrupted` where the signal was given.
 */
export async function runLocal(tool: Tool, install: string, options: ToolOptions): Promise<string> {
  const { exitCode, stdout, stderr, signal, spawnError, aborted } = await runTool(tool, options);
  if (spawnError !== null) {
    throw new Failure("local.program-missing", `${tool.program} cannot be run: ${spawnError}`, {
      todo: `Install ${install}, so that this shell finds ${tool.program}.`,
    });
  }
  if (exitCode === 0) return stdout;
  if (aborted) throw new Failure("agent.interrupted", `${tool.program} was stopped`);
  const how = exitCode === null ? `was ended by ${signal}` : `exited with ${exitCode}`;
  const said = stderr.trim();
  throw new Failure("local.failed", `${tool.program} ${how}`, said === "" ? {} : { detail: said });
}
