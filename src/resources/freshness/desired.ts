import type { AgentPolicy, JobKind } from "../../model/agent-policy.ts";
import type { AgentNode } from "../../model/topology.ts";
import { agentId } from "../agent-status.ts";
import type { Resource, World } from "../kind.ts";

/** A scheduled job whose last run is recent and good. */
export interface FreshnessSpec {
  readonly job: JobKind;
  /** A target's name; for check and prune the repository's. */
  readonly subject: string;
  readonly agent: string;
  /** Recovery point objective of a database's backups. */
  readonly rpoSeconds: number | null;
}

export function desired(world: World): Resource<FreshnessSpec>[] {
  return world.topology.agents.flatMap((agent) => [
    ...agent.policy.targets.flatMap((target) => [
      resource(agent, "backup", target.name, rpoOf(target)),
      ...("drill" in target && target.drill !== null ? [resource(agent, "drill", target.name)] : []),
    ]),
    ...repositoriesWith("check", agent.policy).map((repository) => resource(agent, "check", repository)),
    ...repositoriesWith("prune", agent.policy).map((repository) => resource(agent, "prune", repository)),
  ]);
}

function resource(
  agent: AgentNode,
  job: JobKind,
  subject: string,
  rpoSeconds: number | null = null,
): Resource<FreshnessSpec> {
  // Agents of several hosts may check and prune one repository.
  const name = job === "check" || job === "prune" ? `${subject}@${agent.host}` : subject;
  return {
    id: `freshness:${name}/${job}`,
    kind: "freshness",
    after: [agentId(agent.name)],
    spec: { job, subject, agent: agent.name, rpoSeconds },
  };
}

function rpoOf(target: AgentPolicy["targets"][number]): number | null {
  return "objectives" in target ? target.objectives.rpo_seconds : null;
}

/** Repositories of which a target wants that, in the order of their names. */
function repositoriesWith(job: "check" | "prune", { targets }: AgentPolicy): string[] {
  const names = targets.flatMap(({ backup }) => (backup[job] === null ? [] : [backup.repository]));
  return [...new Set(names)].sort();
}
