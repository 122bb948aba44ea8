import { randomBytes } from "node:crypto";
import { accessSync, constants, mkdirSync } from "node:fs";
import { isAbsolute } from "node:path";
import { Failure } from "../errors.ts";
import type { AgentPolicy } from "../model/agent-policy.ts";
import { isSecretRef } from "../model/secret.ts";
import type { Value } from "../model/secret.ts";
import { loadAgentPolicy } from "../policy/agent-policy.ts";
import { systemClock } from "./clock.ts";
import type { AgentContext } from "./context.ts";
import { redactor } from "./redactor.ts";

/** What depends on who runs the agent: the scheduler, or somebody at a terminal. */
export type Surroundings = Pick<AgentContext, "log" | "progress" | "signal">;

export interface OpenedAgent {
  readonly context: AgentContext;
  /** SHA-256 of the policy's file. */
  readonly policyHash: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Where the policy and the state of an agent are. */
export interface Places {
  readonly policyFile: string;
  readonly stateDirectory: string;
  readonly scratchDirectory: string;
}

/** From KAMAL_BACKUP_POLICY, KAMAL_BACKUP_STATE and KAMAL_BACKUP_SCRATCH; without them the places in the image. */
export function placesOf(env: Environment): Places {
  return {
    policyFile: absolute(env, "KAMAL_BACKUP_POLICY", "/etc/kamal-backup/policy.json"),
    stateDirectory: absolute(env, "KAMAL_BACKUP_STATE", "/var/lib/kamal-backup"),
    scratchDirectory: absolute(env, "KAMAL_BACKUP_SCRATCH", "/var/tmp/kamal-backup"),
  };
}

/**
 * The context of jobs, with the secrets in the variables of their names. Failure `agent.policy-missing`,
 * `agent.policy-invalid`, or `agent.environment` where a directory cannot be used.
 */
export function contextFromEnv(env: Environment, surroundings: Surroundings): OpenedAgent {
  const { policyFile, stateDirectory, scratchDirectory } = placesOf(env);
  const { policy, hash } = loadAgentPolicy(policyFile);
  usable(stateDirectory, "KAMAL_BACKUP_STATE");
  usable(scratchDirectory, "KAMAL_BACKUP_SCRATCH");
  const redact = redactor(maskedNames(policy).flatMap((name) => env[name] ?? []));
  const context: AgentContext = {
    policy,
    reveal: (value) => reveal(env, value),
    redact,
    stateDirectory,
    scratchDirectory,
    clock: systemClock,
    randomHex: (bytes) => randomBytes(bytes).toString("hex"),
    log: (line) => surroundings.log(redact(line)),
    progress: surroundings.progress,
    signal: surroundings.signal,
  };
  return { context, policyHash: hash };
}

/**
 * Secrets whose values are masked. Names of databases and users are none, also where `.kamal/secrets` has them: they are
 * tags of snapshots, and a report without them says nothing.
 */
function maskedNames(policy: AgentPolicy): readonly string[] {
  const targets = policy.targets.map((target) =>
    target.type === "server"
      ? { ...target, connection: { ...target.connection, user: "", database: null } }
      : target,
  );
  return secretNames({ ...policy, targets });
}

/** Every name of a secret in a value, however deep. */
export function secretNames(value: unknown): readonly string[] {
  if (isSecretRef(value)) return [value.secret];
  if (typeof value !== "object" || value === null) return [];
  return [...new Set(Object.values(value).flatMap(secretNames))];
}

function reveal(env: Environment, value: Value): string {
  if (!isSecretRef(value)) return value;
  const revealed = env[value.secret];
  if (revealed === undefined || revealed === "") {
    throw new Failure("secrets.undefined", `the agent has no secret ${value.secret}`, {
      todo: `Define ${value.secret} in .kamal/secrets, and boot the agent again: kamal accessory reboot NAME.`,
    });
  }
  return revealed;
}

function absolute(env: Environment, name: string, fallback: string): string {
  const path = env[name] || fallback;
  if (!isAbsolute(path)) throw new Failure("agent.environment", `${name} is no absolute path: ${path}`);
  return path;
}

function usable(directory: string, name: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    accessSync(directory, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new Failure(
      "agent.environment",
      `${directory} (${name}) is no directory that the agent can write`,
      {
        where: (error as Error).message,
        cause: error,
      },
    );
  }
}
