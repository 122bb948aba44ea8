import type { Command } from "commander";
import { checkRepository } from "../../../agent/jobs/check.ts";
import { initRepository } from "../../../agent/jobs/init.ts";
import type { Work } from "../../../agent/jobs/job.ts";
import { pruneRepository } from "../../../agent/jobs/prune.ts";
import { unlockRepository } from "../../../agent/jobs/unlock.ts";
import { repositoryOf } from "../../../agent/repository/of-policy.ts";
import type { AgentPolicy } from "../../../model/agent-policy.ts";
import type { LedgerJob } from "../../../model/ledger.ts";
import { runByHand } from "../by-hand.ts";
import { agentCommand } from "../help.ts";
import { repositoriesNamed } from "../subjects.ts";

type Exit = (status: number) => void;

export function checkCommand(exit: Exit): Command {
  const what =
    "Verify repositories, with as much of their data as the policy says: all of them unless some are named.";
  const command = agentCommand("check [repository...]", what, [
    { command: "kamal-backup check", what: "exit 1 where one is damaged" },
  ]);
  return overRepositories(command, "check", exit, (name, policy) => (context) => {
    const checks = policy.targets.flatMap(({ backup }) =>
      backup.repository === name ? (backup.check ?? []) : [],
    );
    // The most of them: it stands for every check on schedule then.
    const parts = checks.flatMap(({ read_data }) => read_data ?? []);
    const [most = null] = parts.sort((a, b) => Number.parseInt(b, 10) - Number.parseInt(a, 10));
    return checkRepository(name, most, context);
  });
}

export function pruneCommand(exit: Exit): Command {
  const command = agentCommand("prune [repository...]", "Free the storage of forgotten snapshots.", [
    { command: "kamal-backup prune", what: "in every repository" },
  ]);
  return overRepositories(command, "prune", exit, (name) => (context) => pruneRepository(name, context));
}

export function unlockCommand(exit: Exit): Command {
  const what = "Remove locks that runs left behind which died; those of live ones stay.";
  const command = agentCommand("unlock [repository...]", what, [
    { command: "kamal-backup unlock", what: "in every repository" },
  ]);
  return overRepositories(command, "unlock", exit, (name) => (context) => unlockRepository(name, context));
}

export function initCommand(exit: Exit): Command {
  const what =
    "Make a repository where there is none. One that was used before and is gone is not made anew.";
  const command = agentCommand("init <repository>", what, [
    { command: "kamal-backup init offsite", what: "of the policy's repositories; apply does this" },
  ]);
  return command.action(async (name: string, { json }: { json?: boolean }) => {
    await runByHand(
      ({ agent }) => {
        const spec = repositoryOf(agent.policy, name);
        return [
          { job: "init", target: null, repository: name, work: (context) => initRepository(spec, context) },
        ];
      },
      json,
      exit,
    );
  });
}

function overRepositories(
  command: Command,
  job: LedgerJob,
  exit: Exit,
  workOf: (repository: string, policy: AgentPolicy) => Work,
): Command {
  return command.action(async (names: readonly string[], { json }: { json?: boolean }) => {
    await runByHand(
      ({ agent: { policy } }) =>
        repositoriesNamed(policy, names).map((repository) => ({
          job,
          target: null,
          repository,
          work: workOf(repository, policy),
        })),
      json,
      exit,
    );
  });
}
