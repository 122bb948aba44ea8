import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LedgerEntry } from "../../../../src/model/ledger.ts";
import { plantCanaries } from "../../support/canaries.ts";
import { kamalBackup, labCommand, labValue, onHost, sqlOn, startEngine } from "../../support/lab.ts";
import type { Run, Running } from "../../support/lab.ts";
import { AGENT_CONTAINER, makeBackedUpApp, PRIMARY } from "../support.ts";

const LISTENER = "pings";

/** Prints a line a request. */
const LISTEN = `require("http").createServer((request, response) => {
  console.log(request.method, request.url);
  request.resume().on("end", () => response.end());
}).listen(80)`;

/** The secrets of such an app: the listener's address is one, too. */
export function plantFaultCanaries(): Record<string, string> {
  const canaries = plantCanaries();
  const path = (canaries["RESTIC_PASSWORD"] as string).replace("restic", "ping");
  return { ...canaries, PING_URL: `http://${LISTENER}/${path}` };
}

/**
 * The backed-up app with its agent in place, where things can go wrong: the repository is behind the faulty proxy, in
 * packs of 4 MiB, so that a few hung requests stop a backup half-way; pings go to a listener; and 60 MB of data.
 */
export async function makeFaultyApp(
  directory: string,
  canaries: Readonly<Record<string, string>>,
): Promise<void> {
  makeBackedUpApp(directory, canaries);
  labCommand("service", "proxy");
  await order();
  const policy = join(directory, "backup-policy.yml");
  const text = readFileSync(policy, "utf8")
    .replace(labValue("LAB_S3_HTTPS"), labValue("LAB_PROXY_HTTPS"))
    .replace("    env:\n", '    env:\n      RESTIC_PACK_SIZE: "4"\n');
  const notify = "notify:\n  - { url: { secret: PING_URL }, on: [start, success, failure] }\n";
  writeFileSync(policy, `${text}\n${notify}`);
  appendFileSync(join(directory, ".kamal/secrets"), `PING_URL='${canaries["PING_URL"]}'\n`);
  sqlOn(1, PRIMARY, BLOBS);
  const applied = await kamalBackup(directory, "apply", "--auto-approve");
  if (applied.code !== 0)
    throw new Error(`apply exited ${applied.code}:\n${applied.stdout}${applied.stderr}`);
  const image = onHost(1, "docker", "inspect", "-f", "{{.Config.Image}}", AGENT_CONTAINER).trim();
  onHost(
    1,
    ...["docker", "run", "--detach", "--name", LISTENER, "--network", "kamal", "--no-healthcheck"],
    ...["--entrypoint", "node", image, "-e", LISTEN],
  );
}

/** Text that hardly compresses, from no randomness: the same in every run. */
const BLOBS = `create table blobs as
  select n as id, (select string_agg(encode(sha512((n * 100 + m)::text::bytea), 'base64'), '')
                     from generate_series(1, 11) as m) as data
    from generate_series(1, 60000) as n`;

/** Requests that the listener was sent since the last call of this: "start", "success", "fail". */
export function newPings(canaries: Readonly<Record<string, string>>): string[] {
  const { pathname } = new URL(canaries["PING_URL"] as string);
  const lines = onHost(1, "docker", "logs", LISTENER).split("\n").slice(0, -1);
  const fresh = lines.slice(heard);
  heard = lines.length;
  const words: Record<string, string> = {
    [`GET ${pathname}/start`]: "start",
    [`GET ${pathname}`]: "success",
    [`POST ${pathname}/fail`]: "fail",
  };
  return fresh.map((line) => words[line] ?? line);
}
let heard = 0;

/** Starts a command of the agent in its container; how far it is comes as JSON on stderr. */
export function startInAgent(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
  const variables = Object.entries({ KAMAL_BACKUP_PROGRESS: "json", ...env });
  return startEngine(
    ...["exec", labValue("LAB_CONTAINER_HOST1"), "docker", "exec"],
    ...variables.flatMap(([name, value]) => ["-e", `${name}=${value}`]),
    ...[AGENT_CONTAINER, "kamal-backup", ...argv],
  );
}

export function runInAgent(...argv: string[]): Promise<Run> {
  return startInAgent(argv).done;
}

/** See lab/images/services/proxy.mjs. */
export interface Fault {
  readonly kind: "delay" | "status" | "cut" | "half" | "hang" | "refuse";
  readonly requests?: number;
  readonly seconds?: number;
  readonly method?: "GET" | "PUT";
  readonly path?: string;
  readonly ms?: number;
  readonly status?: number;
}

/** No upload of data gets through: a backup stands still half-way. */
export const STUCK: Fault = { kind: "hang", method: "PUT", path: "/data/" };

/** Orders the faults of the repository's storage, in place of those before. */
export async function order(...faults: Fault[]): Promise<void> {
  await control({ method: "PUT", body: JSON.stringify(faults) });
}

async function control(init: RequestInit): Promise<{ readonly faulted: number }> {
  // A connection that stayed would be closed by the proxy while commands keep this process from noticing.
  const answer = await fetch(labValue("LAB_PROXY_CONTROL"), { ...init, headers: { connection: "close" } });
  if (!answer.ok) throw new Error(`the proxy said ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as { readonly faulted: number };
}

/** Resolves once so many requests met a fault. */
export async function faulted(requests: number): Promise<void> {
  await until(`${requests} requests to meet a fault`, async () => (await control({})).faulted >= requests);
}

/** Asks several times a second; throws after two minutes. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 120_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** The ledger, read from the agent's volume on the host, whether it runs or not. */
export function ledger(): LedgerEntry[] {
  return readState("ledger.jsonl")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as LedgerEntry);
}

export function lastEntry(): LedgerEntry {
  return ledger().at(-1) as LedgerEntry;
}

/** Where a volume of the agent is on the host: a path in its container. */
export function onHostPath(inContainer: string): string {
  const format = `{{range .Mounts}}{{if eq .Destination "${inContainer}"}}{{.Source}}{{end}}{{end}}`;
  return onHost(1, "docker", "inspect", "-f", format, AGENT_CONTAINER).trim();
}

export function readState(name: string): string {
  return onHost(1, "cat", `${onHostPath("/var/lib/kamal-backup")}/${name}`);
}

/** All that is in the scratch directory. */
export function scratch(): string[] {
  const names = onHost(1, "ls", "-A", onHostPath("/var/tmp/kamal-backup")).split("\n");
  return names.filter((name) => name !== "");
}

/** Databases of the server besides its templates. */
export function databases(): string[] {
  return sqlOn(1, PRIMARY, "select datname from pg_database where not datistemplate order by 1").split("\n");
}

/** docker start, and the scheduler at work. */
export async function startAgent(): Promise<void> {
  onHost(1, "docker", "start", AGENT_CONTAINER);
  await until("the scheduler", async () => {
    const status = await runInAgent("status", "--no-probe", "--json");
    return status.code === 0 && /"scheduling_since": *"/.test(status.stdout);
  });
}

export function docker(...argv: string[]): string {
  return onHost(1, "docker", ...argv).trim();
}

/** Ids of the repository's locks, asked of restic itself. */
export function locks(): string[] {
  const environment = `RESTIC_REPOSITORY=s3:${labValue("LAB_S3_HTTPS")}/teamyap-backups`;
  const restic = ["restic", "--no-cache", "--cacert", "/etc/kamal-backup/ca/offsite.pem"];
  const listed = docker("exec", "-e", environment, AGENT_CONTAINER, ...restic, "list", "locks", "--no-lock");
  return listed.split("\n").filter((line) => line !== "");
}
