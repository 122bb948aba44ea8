import { absent, present, unknown } from "../../model/observation.ts";
import type { Observation } from "../../model/observation.ts";
import { STAMP_LABEL } from "../../model/stamp.ts";
import type { Evidence, Resource } from "../kind.ts";
import type { ManifestSpec } from "./desired.ts";

export interface LiveManifest {
  readonly text: string;
  /** Every manifest, base first: which of them owns a key depends on all. */
  readonly manifests: readonly { readonly path: string; readonly text: string }[];
  /** Accessories whose containers carry our stamp: deploy.yml carried it too. */
  readonly applied: readonly string[];
  /** Accessories on hosts that could not be observed: their blocks are left alone. */
  readonly unseen: readonly string[];
}

export function observe({ spec }: Resource<ManifestSpec>, evidence: Evidence): Observation<LiveManifest> {
  const text = evidence.file(spec.path);
  if ("text" in spec) {
    const unseen = spec.seen.filter((name) => evidence.probe(name).status === "unknown");
    if (unseen.length > 0) return present({ text: text ?? "", manifests: [], applied: [], unseen });
    return text === null ? absent : present({ text, manifests: [], applied: [], unseen });
  }
  const manifests = spec.manifests.map((path) => ({ path, text: evidence.file(path) }));
  const readable = manifests.filter((file): file is { path: string; text: string } => file.text !== null);
  if (text === null || readable.length < manifests.length) return unknown(`${spec.path} cannot be read`);
  const names = new Set(spec.blocks.flatMap((block) => block.seen));
  const unseen = [...names].filter((name) => evidence.probe(name).status === "unknown");
  const applied = [...names].filter((name) => {
    const probe = evidence.probe(name);
    return probe.status === "present" && probe.container.Config.Labels?.[STAMP_LABEL] !== undefined;
  });
  return present({ text, manifests: readable, applied, unseen });
}
