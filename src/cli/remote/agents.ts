import { Failure } from "../../errors.ts";
import type { AgentTarget } from "../../model/agent-policy.ts";
import type { AgentNode, Topology } from "../../model/topology.ts";

/** What a command is about, of what there is. */
export interface Wanted {
  /** Targets, or repositories; none: all. */
  readonly names: readonly string[];
  readonly of: "targets" | "repositories";
  /** Only the agent of this host; null: of every host. */
  readonly host: string | null;
}

export interface ChosenAgent {
  readonly node: AgentNode;
  /** Those of the wanted names that it has. */
  readonly names: readonly string[];
}

/**
 * The agents that a command is to run on, in the order of their hosts.
 * @throws Failure `agent.missing`, `agent.no-such-target`.
 */
export function chooseAgents({ agents }: Topology, { names, of, host }: Wanted): ChosenAgent[] {
  const here = agents.filter((node) => host === null || node.host === host);
  if (here.length === 0) {
    const what = host === null ? "the policy backs up nothing" : `the policy has no agent on ${host}`;
    throw new Failure("agent.missing", what, {
      todo: "Give a database or files a `backup` in the policy, then run kamal-backup apply.",
    });
  }
  const namesOf = ({ policy }: AgentNode) => policy[of].map(({ name }) => name);
  const known = [...new Set(here.flatMap(namesOf))];
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const what = of === "targets" ? "nothing that is backed up" : "no repository that is used";
    throw new Failure("agent.no-such-target", `${what} is called ${unknown}`, { detail: known.join("\n") });
  }
  const chosen = here.map((node) => ({ node, names: names.filter((name) => namesOf(node).includes(name)) }));
  return names.length === 0 ? chosen : chosen.filter((one) => one.names.length > 0);
}

/**
 * The one target that a command is about: the only one there is where none is named.
 * @throws Failure `agent.missing`, `agent.no-such-target`.
 */
export function chooseTarget(
  topology: Topology,
  name: string | undefined,
): { readonly node: AgentNode; readonly target: AgentTarget } {
  const [first] = chooseAgents(topology, {
    names: name === undefined ? [] : [name],
    of: "targets",
    host: null,
  });
  const all = topology.agents.flatMap(({ policy }) => policy.targets.map((one) => one.name));
  if (name === undefined && all.length > 1) {
    throw new Failure("agent.no-such-target", "more than one thing is backed up: say which", {
      detail: all.join("\n"),
    });
  }
  const { node } = first as ChosenAgent;
  const target = node.policy.targets.find((one) => name === undefined || one.name === name);
  return { node, target: target as AgentTarget };
}
