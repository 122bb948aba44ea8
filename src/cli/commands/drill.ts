import { Command } from "commander";
import { open } from "../open.ts";
import { onSeveral, remoteCommand } from "../remote/command.ts";
import type { RemoteOptions } from "../remote/command.ts";

interface LocalDrillOptions extends RemoteOptions {
  readonly to: string;
  readonly replace?: boolean;
}

const SNAPSHOT = "latest, a timestamp (the newest at or before it), or the start of a snapshot's id";

export function drillCommand(exit: (status: number) => void): Command {
  return new Command("drill")
    .description("Prove that a backup restores, by restoring it.")
    .addCommand(productionCommand(exit))
    .addCommand(localCommand(exit));
}

function productionCommand(exit: (status: number) => void): Command {
  const what =
    "Restore into a throwaway server in the agent, compare every row count, ask the policy's assertions. Exit 1 when it fails.";
  return onSeveral(
    remoteCommand("production", what, [
      { command: "kamal-backup drill production", what: "the newest backup of every database with a drill" },
      { command: "kamal-backup drill production db 2026-01-08T16:46:53", what: "an older one" },
    ]),
  )
    .argument("[target]", "a database by its name in the policy")
    .argument("[snapshot]", SNAPSHOT)
    .action(
      async (target: string | undefined, selector: string | undefined, _own: unknown, command: Command) => {
        const options = command.optsWithGlobals<RemoteOptions>();
        const session = await open(options);
        const { onAgents } = await import("../remote/on-agents.ts");
        exit(
          await onAgents(session, {
            names: target === undefined ? [] : [target],
            host: options.host,
            json: options.json,
            words: ["drill", "production"],
            after: selector === undefined ? [] : [selector],
          }),
        );
      },
    );
}

function localCommand(exit: (status: number) => void): Command {
  const what =
    "Restore to a database of this machine and ask the policy's assertions there. Exit 1 when one fails.";
  return remoteCommand("local", what, [
    {
      command: "kamal-backup drill local db --to postgres://localhost/drill --replace",
      what: "the newest backup",
    },
  ])
    .argument("<target>", "a database by its name in the policy")
    .argument("[snapshot]", SNAPSHOT)
    .requiredOption("--to <url>", "URL of the database that it is restored into; it stays")
    .option("--replace", "drop that database first where it has tables")
    .action(async (name: string, selector: string | undefined, _own: unknown, command: Command) => {
      const options = command.optsWithGlobals<LocalDrillOptions>();
      const session = await open(options);
      const { drillLocal } = await import("../local/drill-local.ts");
      const { to, replace = false } = options;
      exit(await drillLocal(session, { name, selector, to, database: undefined, replace }));
    });
}
