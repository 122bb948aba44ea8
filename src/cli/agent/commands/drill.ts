import { Command } from "commander";
import { runByHand } from "../by-hand.ts";
import { agentCommand } from "../help.ts";
import { isDatabase, targetsNamed } from "../subjects.ts";
import { drillWork } from "../works.ts";

export function drillCommand(exit: (status: number) => void): Command {
  const what =
    "Restore a backup into a throwaway server here, compare it with what was recorded, and remove it again.";
  const production = agentCommand("production [target] [snapshot]", what, [
    { command: "kamal-backup drill production", what: "the newest backup of every database with a drill" },
    { command: "kamal-backup drill production db latest", what: "of one" },
    {
      command: "kamal-backup drill production db 2024-01-08T16:46:53",
      what: "the newest at or before that time",
    },
  ]).action(async (name: string | undefined, snapshot = "latest", { json }: { json?: boolean }) => {
    await runByHand(
      ({ agent }) => {
        const named = targetsNamed(agent.policy, name === undefined ? [] : [name]);
        // Files, and a database that the policy does not drill, only where they were asked for.
        return named
          .filter((target) => name !== undefined || (isDatabase(target) && target.drill !== null))
          .map((target) => ({
            job: "drill",
            target: target.name,
            repository: target.backup.repository,
            work: drillWork(target, snapshot),
          }));
      },
      json,
      exit,
    );
  });
  return new Command("drill").description("Prove a backup by restoring it.").addCommand(production);
}
