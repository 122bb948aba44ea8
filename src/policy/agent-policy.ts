import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { Failure } from "../errors.ts";
import type { AgentPolicy } from "../model/agent-policy.ts";
import { validate } from "./agent-policy-validator.ts";
import { parseSchedule } from "./schedule.ts";

/** An agent's policy with what names this very text of it. */
export interface LoadedAgentPolicy {
  readonly policy: AgentPolicy;
  /** SHA-256 of the file, hexadecimal. */
  readonly hash: string;
}

/**
 * Reads the file that apply rendered for an agent. Failure `agent.policy-missing` without the file,
 * `agent.policy-invalid` where it is no JSON, of another format or not what its schema says.
 */
export function loadAgentPolicy(path: string): LoadedAgentPolicy {
  const text = read(path);
  const value = parse(path, text);
  const format = (value as { format_version?: unknown } | null)?.format_version;
  if (format !== "1") {
    throw invalid(
      path,
      `its format_version is ${JSON.stringify(format) ?? "missing"}; this version reads "1"`,
    );
  }
  if (!validate(value)) {
    const [error] = validate.errors ?? [];
    throw invalid(path, `${error?.instancePath || "the document"} ${error?.message ?? "is wrong"}`);
  }
  const policy = value as AgentPolicy;
  checkReferences(path, policy);
  return { policy, hash: createHash("sha256").update(text).digest("hex") };
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const absent = (error as NodeJS.ErrnoException).code === "ENOENT";
    const what = absent ? "there is no policy for the agent" : "the agent's policy cannot be read";
    throw new Failure("agent.policy-missing", what, { where: path, cause: error });
  }
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid(path, `it is no JSON: ${(error as Error).message}`);
  }
}

/** What a schema cannot say. */
function checkReferences(path: string, { repositories, targets, timezone }: AgentPolicy): void {
  const known = new Set(repositories.map(({ name }) => name));
  const names = new Set<string>();
  for (const { name, backup, ...target } of targets) {
    if (names.has(name)) throw invalid(path, `two targets are called ${name}`);
    names.add(name);
    if (!known.has(backup.repository)) {
      throw invalid(path, `${name} names the repository ${backup.repository}, which is not in it`);
    }
    const drill = "drill" in target ? target.drill : null;
    for (const owner of [backup, backup.check, backup.prune, drill]) {
      const schedule = owner === null ? null : parseSchedule(owner.schedule);
      if (schedule !== null && "wrong" in schedule) throw invalid(path, `${name}: ${schedule.wrong}`);
    }
  }
  try {
    new Intl.DateTimeFormat("en", { timeZone: timezone });
  } catch {
    throw invalid(path, `no time zone is called ${timezone}`);
  }
}

function invalid(path: string, why: string): Failure {
  return new Failure("agent.policy-invalid", `the agent's policy cannot be used: ${why}`, { where: path });
}
