import type { AgentRepository } from "../../model/agent-policy.ts";
import type { AgentContext } from "../context.ts";
import { openRepository } from "../repository/open.ts";
import type { JobResult } from "./job.ts";

/**
 * Makes a repository where it is absent, and opens it where it is there.
 * @throws Failure `repository.*`: also where it was used from here before and is gone.
 */
export async function initRepository(spec: AgentRepository, context: AgentContext): Promise<JobResult> {
  context.progress({ phase: `initialising repository ${spec.name}` });
  const id = await openRepository(spec, context).init();
  return { outcome: "success", details: { repository: spec.name, id } };
}
