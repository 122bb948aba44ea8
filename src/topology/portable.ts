import { Failure } from "../errors.ts";
import { encodeEnvValue } from "../kamal/ruby-strings.ts";
import type { AgentPolicy } from "../model/agent-policy.ts";
import { isSecretRef } from "../model/secret.ts";
import type { Value } from "../model/secret.ts";
import type { DatabaseNode, Topology } from "../model/topology.ts";

/** A value that has to come through Kamal's env file as it is, and where the policy has it. */
interface Passenger {
  readonly value: Value;
  readonly where: string;
}

/**
 * Secrets must reach a container as they are, but Kamal escapes some characters in the env file on their way (Ruby's
 * String#dump). An agent logs in to a database with what that database's own container got: escaped alike.
 * @throws Failure `topology.unportable-secret`.
 */
export function refuseUnportable(topology: Topology, reveal: (value: Value) => string): void {
  const passengers = [
    ...topology.databases.flatMap(replicationValues),
    ...topology.agents.flatMap(({ policy }) => agentValues(policy)),
  ];
  for (const { value, where } of passengers) {
    const text = reveal(value);
    if (text !== "" && encodeEnvValue(text) === text) continue;
    const name = isSecretRef(value) ? `secret ${value.secret}` : where;
    throw new Failure(
      "topology.unportable-secret",
      `${name} is empty or has a character that Kamal's env file would change`,
      { where },
    );
  }
}

function replicationValues({ name, replication, replicas }: DatabaseNode): Passenger[] {
  if (replication === null || replicas.length === 0) return [];
  return Object.entries(replication).map(([key, value]) => ({
    value,
    where: `databases.${name}.replication.${key}`,
  }));
}

/** Only secrets: what is plain text travels in the policy's file. The newlines of a private key are put back. */
function agentValues({ repositories, notify }: AgentPolicy): Passenger[] {
  return [
    ...repositories.flatMap(({ name, password, env }) => [
      { value: password, where: `repositories.${name}.password` },
      ...Object.entries(env).map(([key, value]) => ({ value, where: `repositories.${name}.env.${key}` })),
    ]),
    ...notify.map(({ url }, index) => ({ value: url, where: `notify[${index}].url` })),
  ].filter(({ value }) => isSecretRef(value));
}
