import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { onTestFinished } from "vitest";
import type { AgentContext, Progress } from "../../../../src/agent/context.ts";
import type { AgentRepository } from "../../../../src/model/agent-policy.ts";
import { isSecretRef } from "../../../../src/model/secret.ts";

// bin/setup puts a restic there; in the agent's image it is on PATH already.
process.env["PATH"] = `${join(import.meta.dirname, "../../../../.lab/bin")}:${process.env["PATH"]}`;

export const PASSWORD = "canary-repository-password";

/** A repository on a local path with a context, in a directory that goes with the test. */
export interface Place {
  readonly directory: string;
  readonly repository: AgentRepository;
  readonly context: AgentContext;
  readonly said: string[];
  readonly progress: Progress[];
}

export function makePlace(change: Partial<AgentRepository> = {}, app = "shop"): Place {
  const directory = mkdtempSync(join(tmpdir(), "repository-test-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return placeIn(directory, change, app);
}

/** Another agent's view: a state directory of its own beside the same storage. */
export function anotherAgent({ directory }: Place, app: string): Place {
  const other = join(directory, `agent-${app}`);
  mkdirSync(other);
  return placeIn(other, { location: join(directory, "repository") }, app);
}

function placeIn(directory: string, change: Partial<AgentRepository>, app: string): Place {
  const said: string[] = [];
  const progress: Progress[] = [];
  const repository: AgentRepository = {
    name: "main",
    location: join(directory, "repository"),
    password: { secret: "RESTIC_PASSWORD" },
    env: {},
    options: [],
    ca: null,
    ...change,
  };
  const context: AgentContext = {
    policy: {
      format_version: "1",
      app,
      host: "10.0.0.1",
      timezone: "UTC",
      repositories: [repository],
      targets: [],
      notify: [],
    },
    reveal: (value) => (isSecretRef(value) ? PASSWORD : value),
    redact: (text) => text.replaceAll(PASSWORD, "[REDACTED]"),
    stateDirectory: join(directory, "state"),
    scratchDirectory: join(directory, "scratch"),
    clock: { now: () => new Date(), sleep: () => Promise.resolve() },
    randomHex: (bytes) => randomBytes(bytes).toString("hex"),
    log: (line) => said.push(line),
    progress: (one) => progress.push(one),
    signal: new AbortController().signal,
  };
  return { directory, repository, context, said, progress };
}

/** restic itself, beside the agent. */
export function restic({ repository }: Place, ...argv: string[]): string {
  const env = { ...process.env, RESTIC_PASSWORD: PASSWORD, RESTIC_REPOSITORY: repository.location };
  return execFileSync("restic", argv, { env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

export const sh = (script: string, env: Record<string, string> = {}) => ({
  program: "sh",
  argv: ["-c", script],
  env,
});

/** The code of the failure that a promise ends in. */
export async function codeOf(promise: Promise<unknown>): Promise<string | undefined> {
  return await promise.then(
    () => undefined,
    (error: { code?: string }) => error.code,
  );
}
