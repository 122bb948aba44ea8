import type { AccessoryNode, ManifestEdit, OwnedFile } from "../../model/topology.ts";
import type { Stamp } from "../../model/stamp.ts";
import type { Resource, World } from "../kind.ts";

/** A file of the checkout: deploy.yml (or its destination's file) with our keys, or a file that is ours whole. */
export type ManifestSpec =
  | { readonly path: string; readonly manifests: readonly string[]; readonly blocks: readonly ManagedBlock[] }
  | OwnedFile;

export interface ManagedBlock {
  readonly accessory: string;
  readonly edits: readonly ManifestEdit[];
  /** Null for an accessory that the policy no longer names. */
  readonly stamp: Stamp | null;
  /** Accessories whose hosts have to be seen before anything is planned for this one. */
  readonly seen: readonly string[];
}

export function desired(world: World): Resource<ManifestSpec>[] {
  const { databases, agents, files, orphans } = world.topology;
  const block = ({ name, edits, stamp }: AccessoryNode, seen: readonly string[]): ManagedBlock => ({
    accessory: name,
    edits,
    stamp,
    seen,
  });
  const blocks: ManagedBlock[] = [
    ...databases.flatMap((node) => [
      block(node, [node.name]),
      ...node.replicas.map((replica) => block(replica, [node.name, replica.name])),
    ]),
    ...agents.map((agent) => block(agent, [agent.name])),
    ...orphans.map(({ name, edits }) => ({ accessory: name, edits, stamp: null, seen: [] })),
  ];
  return [
    ...world.manifestPaths.map((path) => resource({ path, manifests: world.manifestPaths, blocks }, [])),
    // Nothing is written where deploy.yml is not edited.
    ...files.map((file: OwnedFile) => resource(file, world.manifestPaths)),
  ];
}

function resource(spec: ManifestSpec, after: readonly string[]): Resource<ManifestSpec> {
  return { id: idOf(spec.path), kind: "manifest", after: after.map(idOf), spec };
}

function idOf(path: string): string {
  return `manifest:${path}`;
}
