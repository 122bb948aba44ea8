import type { Accessory } from "./accessory.ts";
import { digest } from "./canonical.ts";
import type { Cause } from "./change.ts";

/** Container label: the hash of the accessory that we applied. */
export const STAMP_LABEL = "kamal-backup.applied";
/** Container label: the names of the settings that we put into `cmd`, comma-separated. */
export const SETTINGS_LABEL = "kamal-backup.settings";
/** Container label of an agent: SHA-256 of the policy file that it is to run on. A change of it is a new container. */
export const POLICY_LABEL = "kamal-backup.policy";
/** Container label of an agent: hash of the checkout's files that it gets beside its policy. */
export const FILES_LABEL = "kamal-backup.files";
const OUR_LABELS: readonly string[] = [STAMP_LABEL, SETTINGS_LABEL];

/** What is written on an accessory tells drift from pending work. */
export interface Stamp {
  /** Of the accessory as it must be. */
  readonly wanted: string;
  /** Of the accessory as deploy.yml has it now; null when deploy.yml has none. */
  readonly declared: string | null;
  /** The label that deploy.yml carries; null before our first apply. */
  readonly written: string | null;
}

/** Hash of an accessory without our own labels: 16 hexadecimal digits. */
export function accessoryHash(accessory: Accessory): string {
  return digest({ ...accessory, labels: withoutOurs(accessory.labels) }).slice(0, 16);
}

/** The labels that are not ours. */
export function withoutOurs(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !OUR_LABELS.includes(name)));
}

export function stampOf(declared: Accessory | null, wanted: Accessory): Stamp {
  return {
    wanted: accessoryHash(wanted),
    declared: declared === null ? null : accessoryHash(declared),
    written: declared?.labels[STAMP_LABEL] ?? null,
  };
}

/**
 * Why a container differs. `live` is the stamp on the container. One that carries the stamp of what is wanted was
 * booted right and changed since; one with an older stamp waits for what was written since; one without any was
 * started by somebody else.
 */
export function containerCause(stamp: Stamp, live: string | null): Cause {
  if (stamp.written === null) return "adopt";
  if (live === stamp.wanted) return "drift";
  if (live !== null) return "policy";
  return stamp.written === stamp.wanted ? "drift" : "both";
}

/**
 * Why deploy.yml differs: the policy moved on, its block no longer matches the stamp in it (edited behind us: a key of
 * ours, or one of theirs that only the stamp has to follow), or both.
 */
export function manifestCause(stamp: Stamp): Cause {
  if (stamp.written === null || stamp.declared === null) return "policy";
  if (stamp.written === stamp.declared) return "policy";
  return stamp.written === stamp.wanted || stamp.declared === stamp.wanted ? "drift" : "both";
}
