import type { Value } from "../../model/secret.ts";
import { containerId } from "../evidence.ts";
import type { Resource, World } from "../kind.ts";

/** The role that replicas connect as. */
export interface RoleSpec {
  /** Accessory of the primary. */
  readonly accessory: string;
  readonly host: string;
  readonly container: string;
  readonly user: Value;
  readonly password: Value;
}

export function desired(world: World): Resource<RoleSpec>[] {
  return world.topology.databases.flatMap((node) =>
    node.replication === null
      ? []
      : [
          {
            id: `role:${node.name}`,
            kind: "role",
            after: [containerId(node.name)],
            spec: {
              accessory: node.name,
              host: node.host,
              container: node.wanted.container,
              ...node.replication,
            },
          },
        ],
  );
}
