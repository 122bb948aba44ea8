import type { Command } from "commander";
import { runsText } from "../../../agent/jobs/list-text.ts";
import { listRuns } from "../../../agent/jobs/list.ts";
import { failureJson, printFailure } from "../../failure-text.ts";
import { agentCommand } from "../help.ts";
import { openToWork } from "../open.ts";
import { targetsNamed } from "../subjects.ts";

export function listCommand(exit: (status: number) => void): Command {
  return agentCommand("list [target...]", "List the backups, newest first, and why retention keeps them.", [
    { command: "kamal-backup list", what: "of every target" },
    { command: "kamal-backup list db --json", what: "of one, for a program" },
  ]).action(async (names: readonly string[], { json }: { json?: boolean }) => {
    const { agent, settle } = openToWork();
    const targets = targetsNamed(agent.policy, names);
    const { runs, unlisted } = await listRuns(targets, agent);
    settle();
    if (unlisted.length > 0) exit(Math.max(...unlisted.map(({ failure }) => failure.exit)));
    if (json === true) {
      const failures = unlisted.map(({ failure, ...of }) => ({ ...of, ...(failureJson(failure) as object) }));
      process.stdout.write(`${JSON.stringify({ runs, failures }, null, 2)}\n`);
      return;
    }
    const unknown = new Set(unlisted.flatMap((one) => one.targets));
    const known = targets.filter(({ name }) => !unknown.has(name));
    const texts = known.map(({ name }) =>
      runsText(
        name,
        runs.filter(({ target }) => target === name),
      ),
    );
    process.stdout.write(texts.join("\n"));
    for (const { targets: names, failure } of unlisted) {
      process.stderr.write(`${names.join(", ")}: not known\n`);
      printFailure(failure);
    }
  });
}
