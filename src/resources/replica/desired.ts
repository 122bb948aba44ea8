import { readFlags } from "../../kamal/flags.ts";
import { containerId } from "../evidence.ts";
import type { Resource, World } from "../kind.ts";

/** A standby that streams from its primary through its own slot. */
export interface ReplicaSpec {
  readonly name: string;
  readonly host: string;
  readonly container: string;
  readonly image: string;
  readonly pgdata: string;
  readonly slot: string;
  readonly maxLagSeconds: number | null;
  /** Settings that its command line will have, by name. */
  readonly flags: Readonly<Record<string, string>>;
  readonly primary: { readonly name: string; readonly host: string; readonly container: string };
}

export function desired(world: World): Resource<ReplicaSpec>[] {
  return world.topology.databases.flatMap((node) =>
    node.replicas.map((replica) => ({
      id: `replica:${replica.name}`,
      kind: "replica",
      after: [containerId(replica.name), `slot:${node.name}/${replica.slot}`],
      spec: {
        name: replica.name,
        host: replica.host,
        container: replica.wanted.container,
        image: replica.wanted.image,
        pgdata: replica.pgdata,
        slot: replica.slot,
        maxLagSeconds: replica.maxLagSeconds,
        flags: readFlags(replica.wanted.cmd),
        primary: { name: node.name, host: node.host, container: node.wanted.container },
      },
    })),
  );
}
