import { Command } from "commander";
import { restoreWork } from "../works.ts";
import type { RestoreRequest } from "../works.ts";
import { askForName } from "../ask-for-name.ts";
import { runByHand } from "../by-hand.ts";
import { agentCommand } from "../help.ts";
import { targetsNamed } from "../subjects.ts";

interface Options {
  readonly confirm?: string;
  readonly database?: string;
  readonly table?: string;
  readonly path?: string;
  readonly dropPrevious?: boolean;
  readonly json?: boolean;
}

export function restoreCommand(exit: (status: number) => void): Command {
  const what =
    "Restore into production: beside what is there, compared with what was recorded, then put in its place. " +
    "What was there is kept under a dated name.";
  const production = agentCommand("production <target> [snapshot]", what, [
    { command: "kamal-backup restore production db --confirm teamyap", what: "the newest backup" },
    {
      command: "kamal-backup restore production db 2024-01-08T16:46:53",
      what: "the newest at or before that time",
    },
    { command: "kamal-backup restore production db --table public.users", what: "one table, of the newest" },
    { command: "kamal-backup restore production storage --path uploads", what: "one path of files" },
    { command: "kamal-backup restore production db --drop-previous", what: "remove what restores kept" },
  ])
    .option("--confirm <name>", "the name of the database (of the target, for files), in place of typing it")
    .option("--database <name>", "of a server with several (default: the application's)")
    .option("--table <table>", "only this table: schema.table, or its name")
    .option("--path <label>", "only this path of files")
    .option("--drop-previous", "restore nothing; remove what earlier restores kept")
    .action(async (name: string, snapshot: string | undefined, options: Options) => {
      const request: RestoreRequest = {
        selector: snapshot ?? "latest",
        confirm: options.confirm ?? (await askForName(name)),
        database: options.database ?? null,
        table: options.table ?? null,
        path: options.path ?? null,
        dropPrevious: options.dropPrevious === true,
      };
      await runByHand(
        ({ agent }) =>
          targetsNamed(agent.policy, [name]).map((target) => ({
            job: "restore",
            target: target.name,
            repository: target.backup.repository,
            work: restoreWork(target, request),
          })),
        options.json,
        exit,
      );
    });
  return new Command("restore").description("Bring a backup back.").addCommand(production);
}
