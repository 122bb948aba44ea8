import { agentId } from "../agent-status.ts";
import { containerId } from "../evidence.ts";
import type { Resource, World } from "../kind.ts";

/** A running agent that was told the policy and schedules. */
export interface AgentSpec {
  readonly name: string;
  readonly host: string;
  readonly container: string;
  /** SHA-256 of the policy's file. */
  readonly policyHash: string;
}

export function desired(world: World): Resource<AgentSpec>[] {
  return world.topology.agents.map(({ name, host, wanted, policyHash }) => ({
    id: agentId(name),
    kind: "agent",
    after: [containerId(name)],
    spec: { name, host, container: wanted.container, policyHash },
  }));
}
