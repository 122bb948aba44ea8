import type { ManifestEdit, OwnedFile } from "../../model/topology.ts";
import type { Stamp } from "../../model/stamp.ts";
import type { Resource, World } from "../kind.ts";

/** A file of the checkout: deploy.yml (or its destination's file) with our keys, or a file that is ours whole. */
export type ManifestSpec =
  | { readonly path: string; readonly manifests: readonly string[]; readonly blocks: readonly ManagedBlock[] }
  | { readonly path: string; readonly text: string };

export interface ManagedBlock {
  readonly accessory: string;
  readonly edits: readonly ManifestEdit[];
  /** Null for an accessory that the policy no longer names. */
  readonly stamp: Stamp | null;
}

export function desired(world: World): Resource<ManifestSpec>[] {
  const { databases, files, orphans } = world.topology;
  const nodes = databases.flatMap((node) => [node, ...node.replicas]);
  const blocks: ManagedBlock[] = [
    ...nodes.map((node) => ({ accessory: node.name, edits: node.edits, stamp: node.stamp })),
    ...orphans.map((orphan) => ({ accessory: orphan.name, edits: orphan.edits, stamp: null })),
  ];
  return [
    ...files.map((file: OwnedFile) => resource({ path: file.path, text: file.text })),
    ...world.manifestPaths.map((path) => resource({ path, manifests: world.manifestPaths, blocks })),
  ];
}

function resource(spec: ManifestSpec): Resource<ManifestSpec> {
  return { id: `manifest:${spec.path}`, kind: "manifest", after: [], spec };
}
