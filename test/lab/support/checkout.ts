import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { labValue, onHost } from "./lab.ts";

/** A directory of its own for an app's checkout. */
export function newDirectory(): string {
  return mkdtempSync(join(tmpdir(), "kamal-backup-lab-test-"));
}

/** The policy of the story: a replica on the second host, in a dozen lines. `more` are lines of the database. */
export function writePolicy(directory: string, more: readonly string[] = []): void {
  const host2 = labValue("LAB_HOST2");
  const lines = [
    "version: 1",
    "databases:",
    "  db:",
    ...more.map((line) => `    ${line}`),
    "    replication:",
    "      user: { secret: REPLICATION_USER }",
    "      password: { secret: REPLICATION_PASSWORD }",
    "    replicas:",
    "      db-replica:",
    `        host: ${host2}`,
    `        address: ${host2}`,
    "        max_lag: 30s",
  ];
  writeFileSync(join(directory, "backup-policy.yml"), `${lines.join("\n")}\n`);
}

/** SHA-256 of every file of the checkout by path, git's own left out. */
export function filesOf(directory: string): Record<string, string> {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.startsWith(join(directory, ".git/")));
  const hash = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");
  return Object.fromEntries(files.sort().map((path) => [path, hash(path)]));
}

/** Id and time of start of every container on both hosts. */
export function containers(): string[] {
  return ([1, 2] as const).flatMap((host) =>
    onHost(
      host,
      "sh",
      "-c",
      "docker ps -aq | xargs -r docker inspect -f '{{.Name}} {{.Id}} {{.State.StartedAt}}'",
    )
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => `host ${host} ${line}`),
  );
}

/** Runs the real Kamal in the checkout. */
export function kamal(directory: string, ...argv: string[]): string {
  return execFileSync("kamal", argv, {
    cwd: directory,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
}
