import type { HbaRule } from "../../model/policy.ts";
import { containerId } from "../evidence.ts";
import type { Resource, World } from "../kind.ts";

/** The managed block of a primary's pg_hba.conf. */
export interface HbaSpec {
  readonly accessory: string;
  readonly host: string;
  readonly container: string;
  readonly rules: readonly HbaRule[];
}

export function desired(world: World): Resource<HbaSpec>[] {
  return world.topology.databases.map((node) => ({
    id: `hba:${node.name}`,
    kind: "hba",
    after: [containerId(node.name), `role:${node.name}`],
    spec: { accessory: node.name, host: node.host, container: node.wanted.container, rules: node.hba },
  }));
}
