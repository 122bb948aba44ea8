import { agentId } from "../agent-status.ts";
import type { Resource, World } from "../kind.ts";

/** A restic repository as the agent of one host can use it. */
export interface RepositorySpec {
  readonly name: string;
  /** As the agent has it: of the host's own directories, the path in the container. */
  readonly location: string;
  readonly host: string;
  readonly agent: string;
  readonly container: string;
  readonly policyHash: string;
}

/** The id of a repository as one host's agent uses it. */
function idOf(name: string, host: string): string {
  return `repository:${name}@${host}`;
}

export function desired(world: World): Resource<RepositorySpec>[] {
  const earlier = new Map<string, string>();
  return world.topology.agents.flatMap((agent) =>
    agent.policy.repositories.map(({ name, location }) => {
      const id = idOf(name, agent.host);
      // One of two agents makes a repository that they share, and the other finds it.
      const before = earlier.get(name);
      earlier.set(name, id);
      return {
        id,
        kind: "repository",
        after: [agentId(agent.name), ...(before === undefined ? [] : [before])],
        spec: {
          name,
          location,
          host: agent.host,
          agent: agent.name,
          container: agent.wanted.container,
          policyHash: agent.policyHash,
        },
      };
    }),
  );
}
