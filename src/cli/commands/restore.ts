import { Command } from "commander";
import { Failure } from "../../errors.ts";
import { open } from "../open.ts";
import { remoteCommand } from "../remote/command.ts";
import type { RemoteOptions } from "../remote/command.ts";
import type { ProductionOptions } from "../remote/restore-production.ts";

const SNAPSHOT = "latest, a timestamp (the newest at or before it), or the start of a snapshot's id";

interface LocalOptions extends RemoteOptions {
  readonly to: string;
  readonly database?: string;
  readonly replace?: boolean;
}

export function restoreCommand(exit: (status: number) => void): Command {
  return new Command("restore")
    .description("Restore a backup: in production, or to this machine.")
    .addCommand(productionCommand(exit))
    .addCommand(localCommand(exit));
}

function productionCommand(exit: (status: number) => void): Command {
  const what =
    "Restore beside what is there, compare it with what was recorded, then swap. What was there is kept under a dated name.";
  return remoteCommand("production", what, [
    {
      command: "kamal-backup restore production db",
      what: "the newest backup; asks for the database's name",
    },
    {
      command: "kamal-backup restore production db 2026-01-08T16:46:53 --confirm teamyap",
      what: "in a script",
    },
    { command: "kamal-backup restore production db --table public.events", what: "one table" },
    { command: "kamal-backup restore production storage --path uploads/2026", what: "some of the files" },
    {
      command: "kamal-backup restore production db --drop-previous",
      what: "remove what earlier restores kept",
    },
  ])
    .argument("<target>", "a database or files by its name in the policy")
    .argument("[snapshot]", SNAPSHOT)
    .option("--confirm <name>", "the name of the database, or of the files, in place of typing it")
    .option("--database <name>", "of a server with several; the app's own without")
    .option("--table <table>", "only this table: schema.table")
    .option("--path <path>", "only this path of the files")
    .option("--drop-previous", "remove what earlier restores kept, and restore nothing")
    .option("--json", "as JSON")
    .action(async (name: string, selector: string | undefined, _own: unknown, command: Command) => {
      const options = command.optsWithGlobals<ProductionOptions>();
      const asks = options.confirm === undefined;
      if (asks && (process.stdin.isTTY !== true || options.json === true)) {
        throw new Failure(
          "restore.no-terminal",
          "nobody can be asked: there is no terminal, or the output is JSON",
        );
      }
      const session = await open(options);
      const { restoreProduction } = await import("../remote/restore-production.ts");
      exit(await restoreProduction(session, name, selector, options));
    });
}

function localCommand(exit: (status: number) => void): Command {
  const what = "Restore to a database or directory of this machine. Production is only read.";
  return remoteCommand("local", what, [
    {
      command: "kamal-backup restore local db --to postgres://localhost/app_development",
      what: "the newest backup",
    },
    {
      command: "kamal-backup restore local storage --to ./storage --replace",
      what: "what is there is moved aside",
    },
  ])
    .argument("<target>", "a database or files by its name in the policy")
    .argument("[snapshot]", SNAPSHOT)
    .requiredOption("--to <place>", "URL of a database; for SQLite a file, for files a directory")
    .option("--database <name>", "of a server with several; the app's own without")
    .option("--replace", "also where there is something: a database is replaced, files are moved aside")
    .action(async (name: string, selector: string | undefined, _own: unknown, command: Command) => {
      const options = command.optsWithGlobals<LocalOptions>();
      const session = await open(options);
      const { runRestoreLocal } = await import("../local/run-restore-local.ts");
      const { to, database, replace = false } = options;
      exit(await runRestoreLocal(session, { name, selector, to, database, replace }));
    });
}
