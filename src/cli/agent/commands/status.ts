import type { Command } from "commander";
import { openRepository } from "../../../agent/repository/open.ts";
import { agentStatus } from "../../../agent/status/status.ts";
import { statusText } from "../../../agent/status/text.ts";
import { agentCommand, print } from "../help.ts";
import { openToRead } from "../open.ts";

/** Milliseconds: a probe ends by itself within ten seconds. */
const LONGEST = 15_000;

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
      const repositories = await Promise.all(asked.map((spec) => openRepository(spec, agent).probe()));
      const status = agentStatus(identity, agent.stateDirectory, agent.clock.now(), repositories);
      print(json, status, statusText(status));
    });
}
