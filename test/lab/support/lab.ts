import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess, ChildProcessByStdio } from "node:child_process";
import { join } from "node:path";
import type { Readable } from "node:stream";

const ROOT = join(import.meta.dirname, "../../..");
const LAB = join(ROOT, "lab/lab");

/** A variable of `lab/lab env`, of the worker's own pair of hosts; fails the test when the lab does not name it. */
export function labValue(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`lab/lab env does not name ${name}`);
  return value;
}

/** Runs a command of lab/lab. */
export function labCommand(...argv: string[]): void {
  execFileSync(LAB, argv, { stdio: ["ignore", "ignore", "inherit"] });
}

/** Both hosts back to empty. */
export function resetLab(): void {
  labCommand("reset");
}

/** Makes the app of a scenario in a directory; `secrets` override its values by name. */
export function makeApp(
  directory: string,
  scenario: string,
  secrets: Readonly<Record<string, string>> = {},
): void {
  const overrides = Object.fromEntries(
    Object.entries(secrets).map(([name, value]) => [`LAB_SECRET_${name}`, value]),
  );
  execFileSync(LAB, ["app", directory, "--scenario", scenario], {
    env: { ...process.env, ...overrides },
    stdio: ["ignore", "ignore", "inherit"],
  });
}

/** Runs docker of the lab's own engine, on which the hosts are containers. */
export function engine(...argv: string[]): string {
  return execFileSync("docker", argv, {
    encoding: "utf8",
    env: { ...process.env, DOCKER_HOST: labValue("LAB_DOCKER_HOST") },
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 64 * 1024 * 1024,
  });
}

/** Runs a command on a lab host as root, not over SSH: the hand of somebody else. */
export function onHost(host: 1 | 2, ...argv: string[]): string {
  return engine("exec", labValue(`LAB_CONTAINER_HOST${host}`), ...argv);
}

const PSQL = `psql -X -q -A -t -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" -c "$1"`;

/** Runs SQL by hand in a container on a lab host; throws with the server's message. */
export function sqlOn(host: 1 | 2, container: string, statement: string): string {
  return onHost(host, "docker", "exec", container, "sh", "-c", PSQL, "sh", statement).trim();
}

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly done: Promise<Run>;
  /** Resolves when stderr or stdout matches. */
  seen(pattern: RegExp): Promise<void>;
}

/** Everything that any command printed: searched for canaries at the end. */
export const transcript: string[] = [];

/** Starts the built executable in a directory, under the pinned Node. */
export function start(
  directory: string,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Running {
  const node = join(ROOT, "node_modules/node/bin/node");
  const child = spawn(node, [join(ROOT, "bin/kamal-backup"), ...argv], {
    cwd: directory,
    env: { ...process.env, NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return follow(child);
}

/** Starts docker of the lab's own engine. */
export function startEngine(...argv: string[]): Running {
  const env = { ...process.env, DOCKER_HOST: labValue("LAB_DOCKER_HOST") };
  return follow(spawn("docker", argv, { env, stdio: ["ignore", "pipe", "pipe"] }));
}

function follow(child: ChildProcessByStdio<null, Readable, Readable>): Running {
  const out = { stdout: "", stderr: "" };
  const watchers = new Set<() => void>();
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (chunk: string) => {
      out[name] += chunk;
      for (const look of watchers) look();
    });
  }
  const done = new Promise<Run>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      transcript.push(out.stdout, out.stderr);
      resolve({ code, ...out });
    });
  });
  const seen = (pattern: RegExp) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (!pattern.test(out.stdout + out.stderr)) return;
        watchers.delete(look);
        resolve();
      };
      watchers.add(look);
      look();
      done.then(
        () => reject(new Error(`ended before ${pattern}:\n${out.stdout}${out.stderr}`)),
        (error: unknown) => reject(error),
      );
    });
  return { child, done, seen };
}

/** Runs the built executable to its end. */
export function kamalBackup(directory: string, ...argv: string[]): Promise<Run> {
  return start(directory, argv).done;
}
