import type { Command } from "commander";
import { openRepository } from "../../../agent/repository/open.ts";
import type { RepositoryStatus } from "../../../model/agent-status.ts";
import { agentStatus } from "../../../agent/status/status.ts";
import { statusText } from "../../../agent/status/text.ts";
import { agentCommand, print } from "../help.ts";
import { openToRead } from "../open.ts";

/** Milliseconds: less than plan waits for a host. A repository that could not be asked by then is unreachable. */
const LONGEST = 45_000;

export function statusCommand(): Command {
  return agentCommand("status", "Show every job with its last and next run, and every repository.", [
    { command: "kamal-backup status", what: "for people" },
    { command: "kamal-backup status --json", what: "the document that plan and drift read" },
    { command: "kamal-backup status --no-probe", what: "without asking the repositories" },
  ])
    .option("--no-probe", "do not ask the repositories; their list is empty then")
    .action(async ({ json, probe }: { json?: boolean; probe: boolean }) => {
      const { agent, identity } = openToRead(AbortSignal.timeout(LONGEST));
      const asked = probe ? agent.policy.repositories : [];
      const repositories: RepositoryStatus[] = [];
      // One after the other: each restic takes 60 MB and half a second of CPU to open one, beside production.
      for (const spec of asked) repositories.push(await openRepository(spec, agent).probe());
      const status = agentStatus(identity, agent.stateDirectory, agent.clock.now(), repositories);
      print(json, status, statusText(status));
    });
}
