import type { AgentStatus } from "../model/agent-status.ts";
import type { Fact } from "../model/fact.ts";
import { present, unknown } from "../model/observation.ts";
import type { Unknown } from "../model/observation.ts";
import { factOf } from "./evidence.ts";
import type { Evidence } from "./kind.ts";

/** The id of an agent as a resource. */
export function agentId(accessory: string): string {
  return `agent:${accessory}`;
}

const FACT = "status";

/** The probe asks every program of a host within a minute; a repository that does not answer takes the agent ten seconds. */
export const STATUS: Fact = { name: FACT, argv: ["timeout", "30", "kamal-backup", "status", "--json"] };

/** A command in the agent's container that ends with 0 once its scheduler runs. */
export const SCHEDULES: readonly string[] = [
  "sh",
  "-c",
  `timeout 30 kamal-backup status --no-probe --json | tr -d ' \\n' | grep -q '"scheduling_since":"'`,
];

/** What an agent says of itself, or why it cannot be had. */
export function statusOf(
  evidence: Evidence,
  accessory: string,
): { readonly status: "present"; readonly value: AgentStatus } | Unknown {
  const answer = factOf<AgentStatus>(evidence, accessory, FACT);
  if (answer.status === "unknown") return answer;
  const { format_version: format } = answer.value as { format_version?: unknown };
  if (format === "1") return present(answer.value);
  return unknown(
    `${accessory} says of itself what this version does not understand: its image is another version's`,
  );
}
