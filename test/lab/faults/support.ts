import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { engine, labValue, makeApp, onHost, resetLab, sqlOn } from "../support/lab.ts";

export const ALLOWED = ["apply", "--auto-approve", "--allow", "recreate"] as const;

/** A replica of db on a host, by default the lab's second. */
export function replicaPolicy(host = labValue("LAB_HOST2")): string {
  return `version: 1
databases:
  db:
    replication:
      user: { secret: REPLICATION_USER }
      password: { secret: REPLICATION_PASSWORD }
    replicas:
      db-replica:
        host: ${host}
        address: ${host}
`;
}

/** Both hosts anew, and a scenario's app in a directory that `removeApps` removes. */
export function freshApp(scenario: string, policy: string): string {
  const directory = newDirectory();
  resetLab();
  makeApp(directory, scenario);
  writeFileSync(join(directory, "backup-policy.yml"), policy);
  commit(directory);
  return directory;
}

/** Another checkout of the same app. */
export function copyOf(directory: string): string {
  const copy = newDirectory();
  cpSync(directory, copy, { recursive: true });
  return copy;
}

const directories: string[] = [];

export function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "kamal-backup-faults-"));
  directories.push(directory);
  return directory;
}

export function removeApps(): void {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
}

/** Replaces the one place where a file of the checkout says something. */
export function rewrite(directory: string, path: string, from: string | RegExp, to: string): void {
  const text = readFileSync(join(directory, path), "utf8");
  const edited = text.replace(from, () => to);
  if (edited === text) throw new Error(`${path} does not say ${from}`);
  writeFileSync(join(directory, path), edited);
}

export function textOf(directory: string, path: string): string {
  return readFileSync(join(directory, path), "utf8");
}

export function commit(directory: string): void {
  git(directory, "add", "-A");
  git(directory, "-c", "user.name=lab", "-c", "user.email=lab@lab.invalid", "commit", "-qm", "As it is");
}

export function git(directory: string, ...argv: string[]): string {
  return execFileSync("git", argv, { cwd: directory, encoding: "utf8" });
}

/** The real Kamal; gives what it says, also when it fails. */
export function kamal(directory: string, ...argv: string[]): string {
  try {
    return execFileSync("kamal", argv, {
      cwd: directory,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  } catch (error) {
    return String((error as { stdout?: string }).stdout);
  }
}

/** Names of Kamal's deploy locks on the primary host; empty when it is free. */
export function locks(): string[] {
  const found = onHost(1, "sh", "-c", "ls -d /root/.kamal/lock-* 2>/dev/null || true");
  return found.split("\n").filter((line) => line !== "");
}

/** What a container is and since when it runs; another one when it was restarted or made anew. */
export function incarnation(host: 1 | 2, container: string): string {
  return onHost(host, "docker", "inspect", "--format", "{{.Id}} {{.State.StartedAt}}", container).trim();
}

const TRACES = `docker ps -a --no-trunc --format '{{.ID}} {{.Image}} {{.Names}}'
ls -d /root/.kamal/lock-* 2>/dev/null
docker ps -q --no-trunc | xargs -r docker inspect --format '{{.Id}} {{.State.StartedAt}}'`;

/** Everything on the hosts and in the checkout that a refusal must leave as it is. */
export function footprint(directory: string): Record<string, string> {
  return {
    host1: onHost(1, "sh", "-c", TRACES),
    host2: onHost(2, "sh", "-c", TRACES),
    checkout: git(directory, "status", "--porcelain", "--ignored", "--untracked-files=all"),
    diff: git(directory, "diff"),
  };
}

/** The second host swallows every packet, as behind a wrong firewall rule or with its kernel hung. */
export function freeze(): void {
  engine("pause", labValue("LAB_CONTAINER_HOST2"));
}

export function thaw(): void {
  const host = labValue("LAB_CONTAINER_HOST2");
  if (engine("inspect", "--format", "{{.State.Paused}}", host).trim() === "true") engine("unpause", host);
}

/** A digest of all rows of the app. */
export function rows(host: 1 | 2, container: string): string {
  return sqlOn(
    host,
    container,
    `select (select count(*) || md5(string_agg(u::text, '|' order by id)) from users u) ||
            (select count(*) || md5(string_agg(e::text, '|' order by id)) from events e)`,
  );
}

/** What the primary says of a replica's own stream. */
export function streamState(slot = "db_replica"): string {
  return sqlOn(1, "teamyap-db", `select state from pg_stat_replication where application_name = '${slot}'`);
}

/** Over TCP: the image's own first start answers on the socket only. */
export async function answers(host: 1 | 2, container: string): Promise<void> {
  const ask = () => onHost(host, "docker", "exec", container, "pg_isready", "-q", "-h", "127.0.0.1");
  await eventually(`${container} answers`, () => ask() === "");
}

/** Polls until it is so; fails after the seconds. */
export async function eventually(what: string, isSo: () => boolean, seconds = 60): Promise<void> {
  for (const deadline = Date.now() + seconds * 1000; Date.now() < deadline; await sleep(200)) {
    if (attempt(isSo)) return;
  }
  throw new Error(`not within ${seconds} s: ${what}`);
}

/** A container that restarts cannot be asked just now. */
function attempt(isSo: () => boolean): boolean {
  try {
    return isSo();
  } catch {
    return false;
  }
}

/** The last line of the journal. */
export function lastOfJournal(directory: string): Record<string, unknown> {
  const lines = textOf(directory, ".kamal/kamal-backup/journal.jsonl").trimEnd().split("\n");
  return JSON.parse(lines.at(-1) as string) as Record<string, unknown>;
}
