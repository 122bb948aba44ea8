import { createHash } from "node:crypto";
import type { ContainerProbe } from "../../../src/model/probe.ts";
import type { Evidence } from "../../../src/resources/kind.ts";
import { merge } from "./merge.ts";

/** What was seen, as data. */
export interface Seen {
  readonly probes: Readonly<Record<string, ContainerProbe>>;
  readonly files: Readonly<Record<string, string | null>>;
}

export function evidenceOf(seen: Seen): Evidence {
  return {
    probe: (accessory) =>
      seen.probes[accessory] ?? { status: "unknown", reason: `nobody looked at ${accessory}` },
    file: (path) => seen.files[path] ?? null,
  };
}

/** What a case says was seen otherwise. The hash of a pg_hba.conf follows its text. */
export function seenOtherwise(
  seen: Seen,
  over: { readonly probes?: unknown; readonly files?: unknown },
): Seen {
  const { probes, files } = merge(seen, over) as Seen;
  return {
    files,
    probes: Object.fromEntries(Object.entries(probes).map(([name, probe]) => [name, rehashed(probe)])),
  };
}

function rehashed(probe: ContainerProbe): ContainerProbe {
  if (probe.status !== "present") return probe;
  const answer = probe.facts["pg_hba"];
  if (answer === undefined || !("json" in answer)) return probe;
  const json = answer.json as { readonly text: string };
  const sha256 = createHash("sha256").update(json.text).digest("hex");
  return { ...probe, facts: { ...probe.facts, pg_hba: { json: { ...json, sha256 } } } };
}
