import type { Stamp } from "../../model/stamp.ts";
import { containerId } from "../evidence.ts";
import type { Resource, World } from "../kind.ts";

/** A server setting of a primary, held by a `-c` flag of its command line. */
export interface SettingSpec {
  readonly accessory: string;
  readonly host: string;
  readonly container: string;
  readonly name: string;
  /** As Postgres writes it: `64MB`, `on`, `replica`. */
  readonly value: string;
  /** Of the accessory, whose container carries the flag. */
  readonly stamp: Stamp;
  /** What carries the flag: deploy.yml, and every container that is made from it. */
  readonly carriers: readonly string[];
}

export function desired(world: World): Resource<SettingSpec>[] {
  return world.topology.databases.flatMap((node) =>
    Object.entries(node.settings).map(([name, value]) => ({
      id: `setting:${node.name}/${name}`,
      kind: "setting",
      after: [containerId(node.name)],
      spec: {
        accessory: node.name,
        host: node.host,
        container: node.wanted.container,
        name,
        value,
        stamp: node.stamp,
        carriers: [
          ...world.manifestPaths.map((path) => `manifest:${path}`),
          ...[node, ...node.replicas].map(({ name: carrier }) => containerId(carrier)),
        ],
      },
    })),
  );
}
