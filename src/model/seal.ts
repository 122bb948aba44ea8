import { digest } from "./canonical.ts";

const SEAL = /^# kamal-backup: sealed=([0-9a-f]{12})\n/m;

/**
 * A script with a line below its first one that holds a hash of all others (12 hexadecimal digits): what an older
 * kamal-backup wrote can then be told from what somebody edited.
 */
export function sealed(script: string): string {
  const body = script.indexOf("\n") + 1;
  const hash = digest(script).slice(0, 12);
  return `${script.slice(0, body)}# kamal-backup: sealed=${hash}\n${script.slice(body)}`;
}

/** Whether a file is as some version of kamal-backup wrote it. */
export function isSealed(text: string): boolean {
  const seal = SEAL.exec(text);
  return seal !== null && digest(text.replace(SEAL, "")).startsWith(seal[1] as string);
}
