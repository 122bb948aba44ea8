import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { onHost } from "./lab.ts";

/** A value for every secret of the scenarios that no other text has, new in every run. */
export function plantCanaries(): Record<string, string> {
  const run = randomBytes(4).toString("hex");
  return {
    KAMAL_REGISTRY_PASSWORD: `canary-${run}-registry`,
    RAILS_MASTER_KEY: `canary-${run}-master-key`,
    POSTGRES_DB: `canary_${run}_db`,
    POSTGRES_USER: `canary_${run}_owner`,
    POSTGRES_PASSWORD: `canary-${run}-password`,
    REPLICATION_USER: `canary_${run}_replicator`,
    REPLICATION_PASSWORD: `canary-${run}-replication`,
    RESTIC_PASSWORD: `canary-${run}-restic`,
    AWS_SECRET_ACCESS_KEY: `canary-${run}-s3`,
  };
}

/** Names of the canaries in a text. */
export function canariesIn(text: string, canaries: Readonly<Record<string, string>>): string[] {
  return Object.keys(canaries).filter((name) => text.includes(canaries[name] as string));
}

/** `path: NAME` for every canary in a file below the directory. */
export function canariesBelow(directory: string, canaries: Readonly<Record<string, string>>): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .flatMap((path) => canariesIn(readFileSync(path, "latin1"), canaries).map((name) => `${path}: ${name}`))
    .sort();
}

/**
 * `path: NAME` for every canary in a file of a host that was made or changed since `since`: the SSH user's home, /tmp,
 * and all that docker keeps.
 */
export function canariesOnHost(
  host: 1 | 2,
  canaries: Readonly<Record<string, string>>,
  since: Date,
): string[] {
  const patterns = Object.values(canaries).flatMap((value) => ["-e", value]);
  const script = `find /root /tmp /var/lib/docker -xdev -type f -newerct "$0" -print0 2>/dev/null |
    xargs -0 -r grep -aoFH "$@" 2>/dev/null | sort -u`;
  const hits = onHost(host, "sh", "-c", script, `@${Math.floor(since.getTime() / 1000)}`, ...patterns);
  return hits
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [name, value] = Object.entries(canaries).find(([, text]) => line.endsWith(`:${text}`)) as [
        string,
        string,
      ];
      return `${line.slice(0, -value.length - 1)}: ${name}`;
    });
}
