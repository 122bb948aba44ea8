import { Failure } from "../../errors.ts";
import type { AgentContext } from "../context.ts";
import { repositoryOf } from "../repository/of-policy.ts";
import { openRepository } from "../repository/open.ts";
import { JobFailure, type JobResult } from "./job.ts";

/**
 * Verifies a repository's structure, and a part of its data where `readData` says so (`5%`). Details: `repository_id`,
 * `read_data`. JobFailure `repository.damaged` with what restic found, or another of `repository.*`, with `read_data` in
 * its details: a check that reads less says nothing of one that failed reading more.
 */
export async function checkRepository(
  name: string,
  readData: string | null,
  context: AgentContext,
): Promise<JobResult> {
  try {
    const repository = openRepository(repositoryOf(context.policy, name), context);
    const repository_id = await repository.open();
    context.progress({ phase: `checking repository ${name}` });
    await repository.check(readData);
    return { outcome: "success", details: { repository_id, read_data: readData } };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const { code, message, where, todo, detail } = error;
    throw new JobFailure(code, message, {
      todo,
      ...(where === undefined ? {} : { where }),
      ...(detail === undefined ? {} : { detail }),
      cause: error,
      details: { read_data: readData },
    });
  }
}
