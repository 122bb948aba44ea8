import { fileURLToPath } from "node:url";

/**
 * How this very program is started for its hidden command `produce-mysql`: program, then arguments. Bundled, this
 * module is the program; from the sources, the agent's main file is.
 */
export function producerEntry(): readonly string[] {
  const self = fileURLToPath(import.meta.url);
  const main = self.endsWith(".ts")
    ? fileURLToPath(new URL("../../../cli/agent-main.ts", import.meta.url))
    : self;
  return [process.execPath, main, "produce-mysql"];
}
