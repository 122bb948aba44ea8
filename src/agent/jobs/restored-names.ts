import { createHash } from "node:crypto";

/** PostgreSQL cuts longer names silently (NAMEDATALEN - 1 bytes); MySQL refuses more than 64 characters. */
const NAME_BYTES = 63;

/** The digits of a time: 20261121021500. */
export function stampOf(time: Date): string {
  return time.toISOString().slice(0, 19).replace(/\D/g, "");
}

/** Where a backup is restored before it is compared: `<name>_restored_<stamp>`. */
export function restoredName(name: string, stamp: string, taken: readonly string[]): string {
  return freeName(name, `_restored_${stamp}`, taken);
}

/** What the database is called that a restore took the place of: `<name>_before_<stamp>`. */
export function keptName(name: string, stamp: string, taken: readonly string[]): string {
  return freeName(name, `_before_${stamp}`, taken);
}

/** Never a name that is there already: what has it may be somebody else's. */
function freeName(name: string, suffix: string, taken: readonly string[]): string {
  for (let number = 1; ; number += 1) {
    const candidate = shortened(name, number === 1 ? suffix : `${suffix}_${number}`);
    if (!taken.includes(candidate)) return candidate;
  }
}

/** Cuts the name, not the suffix, between characters; what was cut off still tells two long names apart. */
function shortened(name: string, suffix: string): string {
  if (Buffer.byteLength(name + suffix) <= NAME_BYTES) return name + suffix;
  const tail = `_${createHash("sha256").update(name).digest("hex").slice(0, 6)}${suffix}`;
  let start = "";
  for (const character of name) {
    if (Buffer.byteLength(start + character + tail) > NAME_BYTES) break;
    start += character;
  }
  return start + tail;
}
