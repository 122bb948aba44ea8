import { Failure } from "../../errors.ts";
import type { AgentPolicy, AgentRepository } from "../../model/agent-policy.ts";

/** The repository of that name. Failure `agent.no-such-target` with those that there are. */
export function repositoryOf({ repositories }: AgentPolicy, name: string): AgentRepository {
  const found = repositories.find((one) => one.name === name);
  if (found !== undefined) return found;
  throw new Failure("agent.no-such-target", `there is no repository ${name}`, {
    detail: repositories.map((one) => one.name).join("\n"),
  });
}
