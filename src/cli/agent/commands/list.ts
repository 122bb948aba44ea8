import type { Command } from "commander";
import { runsText } from "../../../agent/jobs/list-text.ts";
import { listRuns } from "../../../agent/jobs/list.ts";
import { agentCommand } from "../help.ts";
import { openToWork } from "../open.ts";
import { targetsNamed } from "../subjects.ts";

export function listCommand(): Command {
  return agentCommand("list [target...]", "List the backups, newest first, and why retention keeps them.", [
    { command: "kamal-backup list", what: "of every target" },
    { command: "kamal-backup list db --json", what: "of one, for a program" },
  ]).action(async (names: readonly string[], { json }: { json?: boolean }) => {
    const { agent, settle } = openToWork();
    const listed = [];
    for (const target of targetsNamed(agent.policy, names)) {
      listed.push({ target: target.name, runs: await listRuns(target, agent) });
    }
    settle();
    const text = listed.map(({ target, runs }) => runsText(target, runs)).join("\n");
    const all = listed.flatMap(({ runs }) => runs);
    process.stdout.write(json === true ? `${JSON.stringify({ runs: all }, null, 2)}\n` : text);
  });
}
