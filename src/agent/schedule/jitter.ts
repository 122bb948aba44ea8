import { createHash } from "node:crypto";

/** When the run of a slot starts: put off by a share of the jitter that is always the same for app, subject and slot. */
export function startOf(slot: Date, app: string, subject: string, jitterSeconds: number): Date {
  if (jitterSeconds === 0) return slot;
  const hash = createHash("sha256")
    .update(JSON.stringify([app, subject, slot.toISOString()]))
    .digest();
  return new Date(slot.getTime() + Math.floor((hash.readUInt32BE() / 2 ** 32) * (jitterSeconds * 1000 + 1)));
}
