import { containerId } from "../evidence.ts";
import type { Resource, World } from "../kind.ts";

/** One physical slot a replica; `slot` null: a look at the slots that nobody declared. */
export interface SlotSpec {
  /** Accessory of the primary. */
  readonly accessory: string;
  readonly host: string;
  readonly container: string;
  readonly slot: string | null;
  /** Accessory of the replica. */
  readonly replica: string | null;
  /** Every declared slot of the primary. */
  readonly declared: readonly string[];
}

export function desired(world: World): Resource<SlotSpec>[] {
  return world.topology.databases.flatMap((node) => {
    const common = {
      accessory: node.name,
      host: node.host,
      container: node.wanted.container,
      declared: node.replicas.map((replica) => replica.slot),
    };
    const one = (name: string, slot: string | null, replica: string | null): Resource<SlotSpec> => ({
      id: `slot:${name}`,
      kind: "slot",
      after: [containerId(node.name)],
      spec: { ...common, slot, replica },
    });
    return [
      ...node.replicas.map((replica) => one(`${node.name}/${replica.slot}`, replica.slot, replica.name)),
      one(`${node.name}/*`, null, null),
    ];
  });
}
