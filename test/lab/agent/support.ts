import { execFileSync } from "node:child_process";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { labCommand, labValue, makeApp, resetLab } from "../support/lab.ts";
import type { Run } from "../support/lab.ts";

export const PRIMARY = "teamyap-db";

/** The agent's accessory on host 1, and its container. */
export const AGENT = `backup-${labValue("LAB_HOST1").replaceAll(".", "-")}`;
export const AGENT_CONTAINER = agentContainer(1);

/** The agent's container on a host. */
export function agentContainer(host: 1 | 2, service = "teamyap"): string {
  return `${service}-backup-${labValue(`LAB_HOST${host}`).replaceAll(".", "-")}`;
}

/**
 * The app whose policy has a backup: both hosts empty, S3 with an empty bucket, the agent's image of this checkout,
 * the database booted and filled, the CA where the policy says.
 */
export function makeBackedUpApp(directory: string, secrets: Readonly<Record<string, string>> = {}): void {
  resetLab();
  labCommand("bucket", "teamyap-backups");
  labCommand("agent", "17");
  makeApp(directory, "backup", secrets);
  copyFileSync(labValue("LAB_CA"), join(directory, "config/backup-ca.pem"));
}

/** What a command printed as JSON. */
export function jsonOf<Shape>(run: Run): Shape {
  try {
    return JSON.parse(run.stdout) as Shape;
  } catch {
    throw new Error(`exit ${run.code}, no JSON:\n${run.stdout}${run.stderr}`);
  }
}

/** Ids of the snapshots in the repository, asked of restic itself. */
export function snapshotIds(): string[] {
  const out = execFileSync("docker", resticInAgent("snapshots", "--json", "--no-lock", "--no-cache"), {
    encoding: "utf8",
    env: { ...process.env, DOCKER_HOST: labValue("LAB_DOCKER_HOST") },
  });
  return (JSON.parse(out) as { id: string }[]).map(({ id }) => id);
}

/** restic in the agent's container, on the repository of the policy. */
function resticInAgent(...argv: string[]): string[] {
  const repository = `s3:${labValue("LAB_S3_HTTPS")}/teamyap-backups`;
  return [
    ...["exec", labValue("LAB_CONTAINER_HOST1"), "docker", "exec", "-e", `RESTIC_REPOSITORY=${repository}`],
    ...[AGENT_CONTAINER, "restic", "--cacert", "/etc/kamal-backup/ca/offsite.pem", ...argv],
  ];
}
