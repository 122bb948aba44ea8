import type { Command } from "commander";
import { placesOf } from "../../../agent/context-from-env.ts";
import { healthOf } from "../../../agent/status/health.ts";
import { loadAgentPolicy } from "../../../policy/agent-policy.ts";
import { agentCommand, print } from "../help.ts";

export function healthCommand(exit: (status: number) => void): Command {
  const what =
    "Tell whether backups are fresh and the scheduler runs. Connects to nothing: docker asks this.";
  return agentCommand("health", what, [
    { command: "kamal-backup health", what: "one line, and exit 1 when a backup is overdue" },
  ]).action(({ json }: { json?: boolean }) => {
    const { policyFile, stateDirectory } = placesOf(process.env);
    const health = healthOf(loadAgentPolicy(policyFile).policy, stateDirectory, new Date());
    print(json, health, health.why);
    if (!health.healthy) exit(1);
  });
}
