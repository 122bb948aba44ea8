import { createHash } from "node:crypto";
import { Failure } from "../../errors.ts";
import { ownerFile } from "../../kamal/owner-file.ts";
import { spliceAccessory } from "../../kamal/splice.ts";
import type { Cause } from "../../model/change.ts";
import type { Observation } from "../../model/observation.ts";
import { isSealed } from "../../model/seal.ts";
import { manifestCause } from "../../model/stamp.ts";
import type { Step } from "../../model/step.ts";
import type { OwnedFile } from "../../model/topology.ts";
import { inOrder } from "../kind.ts";
import type { Difference, Resource } from "../kind.ts";
import type { ManagedBlock, ManifestSpec } from "./desired.ts";
import type { LiveManifest } from "./observe.ts";

type Seen = Exclude<Observation<LiveManifest>, { status: "unknown" }>;

export function diff({ spec }: Resource<ManifestSpec>, seen: Seen): Difference {
  if ("text" in spec) {
    if (seen.status === "present" && seen.value.unseen.length > 0) return inOrder;
    return ownedFile(spec, seen.status === "absent" ? null : seen.value.text);
  }
  const live = (seen as { value: LiveManifest }).value;
  try {
    const blocks = spec.blocks.filter((block) => !block.seen.some((name) => live.unseen.includes(name)));
    return blocksOf(spec.path, blocks, live);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return {
      action: "blocked",
      cause: "policy",
      reason: [error.message, error.detail, error.todo].filter(Boolean).join("\n"),
    };
  }
}

function blocksOf(path: string, blocks: readonly ManagedBlock[], live: LiveManifest): Difference {
  const touched: ManagedBlock[] = [];
  const after = blocks.reduce((text, block) => {
    const edits = block.edits.filter(
      (edit) => ownerFile(live.manifests, block.accessory, edit.path) === path,
    );
    const exists = block.stamp?.declared !== null;
    const spliced =
      edits.length === 0 ? text : spliceAccessory(text, block.accessory, edits, { path, exists });
    if (spliced !== text) touched.push(block);
    return spliced;
  }, live.text);
  if (after !== live.text) return edit(path, live, after, touched);
  return unresolved(path, blocks, live);
}

function edit(
  path: string,
  { text: before, applied }: LiveManifest,
  after: string,
  touched: readonly ManagedBlock[],
): Difference {
  const names = touched.map((block) => block.accessory).join(", ");
  const causes = new Set(touched.map((block) => causeOf(block, applied)));
  const cause = causes.size > 1 ? "both" : ([...causes][0] as Cause);
  return {
    action: "update",
    cause,
    reason:
      cause === "policy"
        ? `the policy asks for other keys in ${names}`
        : `${names} was edited in ${path} since kamal-backup last applied it`,
    text: { path, before, after },
    steps: [{ run: "edit", path, before, after }],
  };
}

/** A block without the stamp that its container has lost it: an older deploy.yml, or one that nobody committed. */
function causeOf({ accessory, stamp }: ManagedBlock, applied: readonly string[]): Cause {
  if (stamp === null) return "policy";
  return stamp.written === null && applied.includes(accessory) ? "drift" : manifestCause(stamp);
}

/** The text says what it must, yet Kamal resolves something else: another file, an anchor or ERB overrides it. */
function unresolved(path: string, blocks: readonly ManagedBlock[], live: LiveManifest): Difference {
  const overridden = blocks.filter(({ stamp }) => stamp !== null && stamp.declared !== stamp.wanted);
  if (overridden.length === 0 || live.manifests.at(-1)?.path !== path) return inOrder;
  return {
    action: "blocked",
    cause: "policy",
    reason: `${path} has every key that the policy asks for, but Kamal resolves ${overridden.map((block) => block.accessory).join(", ")} to something else: see kamal config`,
  };
}

function ownedFile({ path, text: wanted, what, applied }: OwnedFile, live: string | null): Difference {
  if (live === wanted) return inOrder;
  const steps: Step[] = [{ run: "edit", path, before: live, after: wanted }];
  if (live === null) {
    const fields = [{ field: "file", before: null, after: `${wanted.split("\n").length - 1} lines` }];
    return { action: "create", cause: "policy", reason: what, fields, steps };
  }
  const byUs = isSealed(live);
  const cause = byUs ? "policy" : fileCause(live, wanted, applied);
  const why = cause === "policy" ? `the policy asks for it: ${what}` : `${path} was changed by hand`;
  return {
    action: "update",
    cause,
    reason: byUs ? `another version of kamal-backup wrote ${path}` : why,
    text: { path, before: live, after: wanted },
    steps,
  };
}

/** Why a file differs, where deploy.yml says which text was applied last; by hand where nobody does. */
function fileCause(live: string, wanted: string, applied: string | null): Cause {
  if (applied === sha256(live)) return "policy";
  return applied === null || applied === sha256(wanted) ? "drift" : "both";
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
