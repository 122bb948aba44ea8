import type { Command } from "commander";
import { runByHand } from "../by-hand.ts";
import { agentCommand } from "../help.ts";
import { targetsNamed } from "../subjects.ts";
import { backupWork } from "../works.ts";

interface Options {
  readonly force?: boolean;
  readonly acceptSmaller?: boolean;
  readonly json?: boolean;
}

export function backupCommand(exit: (status: number) => void): Command {
  const what =
    "Back up targets now: all of them unless some are named. One whose newest backup is current is skipped.";
  return agentCommand("backup [target...]", what, [
    { command: "kamal-backup backup", what: "what is not current" },
    { command: "kamal-backup backup db --force", what: "also when the newest backup is current" },
    { command: "kamal-backup backup db --accept-smaller", what: "after most of it was deleted on purpose" },
  ])
    .option("--force", "also where the newest backup is current")
    .option("--accept-smaller", "keep a backup that is empty or far smaller than the one before")
    .action(async (names: readonly string[], { force, acceptSmaller, json }: Options) => {
      const options = { force: force === true, acceptSmaller: acceptSmaller === true };
      await runByHand(
        ({ agent }) =>
          targetsNamed(agent.policy, names).map((target) => ({
            job: "backup",
            target: target.name,
            repository: target.backup.repository,
            work: backupWork(target, options),
          })),
        json,
        exit,
      );
    });
}
