import { editFlags, readFlags } from "../kamal/flags.ts";
import type { KamalConfig } from "../kamal/types.ts";
import type { Accessory } from "../model/accessory.ts";
import { SETTINGS_LABEL, STAMP_LABEL, stampOf } from "../model/stamp.ts";
import type { Stamp } from "../model/stamp.ts";
import type { ManifestEdit } from "../model/topology.ts";
import { SLOT_GUARD } from "./settings.ts";

/** What a primary's block must say: our settings as flags of its `cmd`, every other flag kept. */
export function primaryEdits(
  declared: Accessory,
  settings: Readonly<Record<string, string>>,
): ManifestEdit[] {
  const names = Object.keys(settings);
  const owned = ownedSettings(declared);
  const gone = owned.filter((name) => !names.includes(name));
  const flags = readFlags(declared.cmd);
  // A flag that was there before us is never taken out.
  const ours = names.filter((name) => !(name in flags) || owned.includes(name));
  const touchesCmd =
    names.some((name) => flags[name] !== settings[name]) || gone.some((name) => name in flags);
  return [
    ...(touchesCmd ? [{ path: ["cmd"], value: editFlags(declared.cmd, settings, gone) }] : []),
    ...(ours.length > 0
      ? [{ path: ["labels", SETTINGS_LABEL], value: ours.join(",") }]
      : [{ path: ["labels", SETTINGS_LABEL], remove: true as const }]),
  ];
}

/**
 * What leaves the block of an accessory that the policy no longer names: our flags and labels. The block stays, and so
 * does the guard of the slots, which stay too.
 */
export function orphanEdits(declared: Accessory): ManifestEdit[] {
  const flags = readFlags(declared.cmd);
  const owned = ownedSettings(declared).filter((name) => name in flags && name !== SLOT_GUARD);
  return [
    ...(owned.length > 0 ? [{ path: ["cmd"], value: editFlags(declared.cmd, {}, owned) }] : []),
    { path: ["labels", SETTINGS_LABEL], remove: true },
    { path: ["labels", STAMP_LABEL], remove: true },
  ];
}

/** The accessory as the edits make it, and the edits with the stamp that says so. */
export function stamped(
  config: KamalConfig,
  accessory: Pick<Accessory, "name">,
  edits: readonly ManifestEdit[],
): { wanted: Accessory; stamp: Stamp; edits: readonly ManifestEdit[] } {
  const stamp = stampOf(
    config.accessories[accessory.name] ?? null,
    config.resolveWith(accessory.name, edits),
  );
  const all = [...edits, { path: ["labels", STAMP_LABEL], value: stamp.wanted }];
  return { wanted: config.resolveWith(accessory.name, all), stamp, edits: all };
}

/** Names of the flags that we put into the accessory's `cmd`, as its label says. */
export function ownedSettings(declared: Accessory): string[] {
  return (declared.labels[SETTINGS_LABEL] ?? "").split(",").filter((name) => name !== "");
}
