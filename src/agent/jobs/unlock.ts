import type { AgentContext } from "../context.ts";
import { repositoryOf } from "../repository/of-policy.ts";
import { openRepository } from "../repository/open.ts";
import type { JobResult } from "./job.ts";

/**
 * Removes a repository's stale locks, and no other. Details: `removed` and `left`, the locks. `skipped` where no lock is
 * stale. @throws Failure `repository.*`
 */
export async function unlockRepository(name: string, context: AgentContext): Promise<JobResult> {
  const repository = openRepository(repositoryOf(context.policy, name), context);
  const removed = await repository.unlock();
  const left = await repository.locks();
  if (removed.length > 0) return { outcome: "success", details: { removed, left } };
  return { outcome: "skipped", details: { reason: "no stale locks", removed, left } };
}
