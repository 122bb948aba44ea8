import type { AgentContext } from "../context.ts";
import { repositoryOf } from "../repository/of-policy.ts";
import { openRepository } from "../repository/open.ts";
import type { JobResult } from "./job.ts";

/** Frees the storage of what was forgotten. Details: `restic`, its own account in lines. @throws Failure `repository.*` */
export async function pruneRepository(name: string, context: AgentContext): Promise<JobResult> {
  const repository = openRepository(repositoryOf(context.policy, name), context);
  context.progress({ phase: `pruning repository ${name}` });
  const said = await repository.prune();
  return { outcome: "success", details: { restic: said.split("\n").filter(isFigure) } };
}

/** "to delete: 3 blobs / 1.2 MiB", without its counters of progress. */
function isFigure(line: string): boolean {
  return /^[a-z ]+: /.test(line);
}
