import { Failure } from "../../errors.ts";
import type { AgentPolicy, AgentTarget } from "../../model/agent-policy.ts";
import type { DatabaseTarget } from "../../agent/engines/engine.ts";

/** The targets of these names; all of them where none is named. Failure `agent.no-such-target`. */
export function targetsNamed({ targets }: AgentPolicy, names: readonly string[]): readonly AgentTarget[] {
  return names.length === 0 ? targets : names.map((name) => targetNamed(targets, name));
}

function targetNamed(targets: readonly AgentTarget[], name: string): AgentTarget {
  const found = targets.find((target) => target.name === name);
  if (found !== undefined) return found;
  throw new Failure("agent.no-such-target", `there is no target ${name}`, {
    detail: targets.map((target) => `${target.name} (${target.type})`).join("\n"),
  });
}

/** The names of these repositories; of all of them where none is named. Failure `agent.no-such-target`. */
export function repositoriesNamed(
  { repositories }: AgentPolicy,
  names: readonly string[],
): readonly string[] {
  const known = repositories.map(({ name }) => name);
  const wrong = names.find((name) => !known.includes(name));
  if (wrong === undefined) return names.length === 0 ? known : names;
  throw new Failure("agent.no-such-target", `there is no repository ${wrong}`, { detail: known.join("\n") });
}

export function isDatabase(target: AgentTarget): target is DatabaseTarget {
  return target.type !== "files";
}
