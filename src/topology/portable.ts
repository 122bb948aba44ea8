import { Failure } from "../errors.ts";
import { encodeEnvValue } from "../kamal/ruby-strings.ts";
import { isSecretRef } from "../model/secret.ts";
import type { Value } from "../model/secret.ts";
import type { Topology } from "../model/topology.ts";

/**
 * The replication user and password must reach the replica's container as the role has them, but Kamal escapes some
 * characters in the env file on their way (Ruby's String#dump).
 * @throws Failure `topology.unportable-secret`.
 */
export function refuseUnportable(topology: Topology, reveal: (value: Value) => string): void {
  for (const database of topology.databases) {
    if (database.replication === null || database.replicas.length === 0) continue;
    for (const [key, value] of Object.entries(database.replication)) {
      const text = reveal(value);
      if (text !== "" && encodeEnvValue(text) === text) continue;
      const name = isSecretRef(value)
        ? `secret ${value.secret}`
        : `databases.${database.name}.replication.${key}`;
      throw new Failure(
        "topology.unportable-secret",
        `${name} is empty or has a character that Kamal's env file would change`,
        {
          where: `databases.${database.name}.replication.${key}`,
        },
      );
    }
  }
}
