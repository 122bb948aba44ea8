import type { AgentContext } from "../context.ts";
import { repositoryOf } from "../repository/of-policy.ts";
import { openRepository } from "../repository/open.ts";
import type { JobResult } from "./job.ts";

/**
 * Verifies a repository's structure, and a part of its data where `readData` says so (`5%`). Details: `repository_id`,
 * `read_data`. Failure `repository.damaged` with what restic found, or another of `repository.*`.
 */
export async function checkRepository(
  name: string,
  readData: string | null,
  context: AgentContext,
): Promise<JobResult> {
  const repository = openRepository(repositoryOf(context.policy, name), context);
  const repository_id = await repository.open();
  context.progress({ phase: `checking repository ${name}` });
  await repository.check(readData);
  return { outcome: "success", details: { repository_id, read_data: readData } };
}
