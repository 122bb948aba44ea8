import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { AgentContext } from "../context.ts";
import { anyRuns } from "../target-lock/target-lock.ts";

/** At the root of a file system of its own. */
const NOT_OURS = "lost+found";

/**
 * Empties the scratch directory at the start of an agent: whatever a kill left there is worth nothing, takes room, and
 * may be production's data in the clear. What cannot be removed is logged. Nothing where a job runs, in
 * whatever container: the scratch directory is a volume too.
 */
export async function emptyScratch({
  scratchDirectory,
  stateDirectory,
  log,
}: Pick<AgentContext, "scratchDirectory" | "stateDirectory" | "log">): Promise<void> {
  if (await anyRuns(stateDirectory)) return;
  const names = (await readdir(scratchDirectory)).filter((name) => name !== NOT_OURS);
  for (const name of names) {
    try {
      await rm(join(scratchDirectory, name), { recursive: true, force: true, maxRetries: 3 });
      log(`removed ${name} from the scratch directory: it was left over`);
    } catch (error) {
      log(`${name} in the scratch directory cannot be removed: ${(error as Error).message}`);
    }
  }
}
