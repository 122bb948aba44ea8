import type { Accessory } from "../../model/accessory.ts";
import type { Stamp } from "../../model/stamp.ts";
import type { AccessoryNode } from "../../model/topology.ts";
import { containerId } from "../evidence.ts";
import type { Resource, World } from "../kind.ts";

/** An accessory's container as `docker run` must have made it. */
export interface ContainerSpec {
  readonly name: string;
  readonly host: string;
  readonly role: "primary" | "replica" | "agent";
  /** As deploy.yml has it now; null: it has none. */
  readonly declared: Accessory | null;
  readonly wanted: Accessory;
  readonly stamp: Stamp;
  /** Accessories that stream from this one. */
  readonly replicas: readonly string[];
}

export function desired(world: World): Resource<ContainerSpec>[] {
  const manifests = [...world.topology.files.map((file) => file.path), ...world.manifestPaths].map(
    (path) => `manifest:${path}`,
  );
  const databases = world.topology.databases.flatMap((node) => [
    {
      id: containerId(node.name),
      kind: "container",
      after: manifests,
      spec: { ...specOf(node, "primary"), replicas: node.replicas.map((replica) => replica.name) },
    },
    ...node.replicas.map((replica) => ({
      id: containerId(replica.name),
      kind: "container",
      after: [
        ...manifests,
        containerId(node.name),
        `role:${node.name}`,
        `hba:${node.name}`,
        `slot:${node.name}/${replica.slot}`,
      ],
      spec: specOf(replica, "replica"),
    })),
  ]);
  const agents = world.topology.agents.map((node) => ({
    id: containerId(node.name),
    kind: "container",
    after: [...manifests, ...node.databases.map(containerId)],
    spec: specOf(node, "agent"),
  }));
  return [...databases, ...agents];
}

function specOf(
  node: Pick<AccessoryNode, "name" | "host" | "declared" | "wanted" | "stamp">,
  role: ContainerSpec["role"],
): ContainerSpec {
  const { name, host, declared, wanted, stamp } = node;
  return { name, host, role, declared, wanted, stamp, replicas: [] };
}
