import type { Command } from "commander";
import { open } from "../open.ts";
import { onSeveral, remoteCommand } from "../remote/command.ts";
import type { RemoteOptions } from "../remote/command.ts";

interface BackupOptions extends RemoteOptions {
  readonly force?: boolean;
  readonly acceptSmaller?: boolean;
}

export function backupCommand(exit: (status: number) => void): Command {
  const what = "Back up now, in the agents on the hosts. Skips what has a current backup.";
  return onSeveral(
    remoteCommand("backup", what, [
      { command: "kamal-backup backup", what: "everything that has no current backup" },
      { command: "kamal-backup backup db --force", what: "one database or set of files, in any case" },
    ]),
  )
    .argument("[targets...]", "databases and files by the names of the policy; all without one")
    .option("--force", "also what has a current backup")
    .option("--accept-smaller", "keep a backup that is empty, or far smaller than the one before")
    .action(async (targets: string[], _own: unknown, command: Command) => {
      const options = command.optsWithGlobals<BackupOptions>();
      const session = await open(options);
      const { onAgents } = await import("../remote/on-agents.ts");
      const words = [
        "backup",
        ...(options.force === true ? ["--force"] : []),
        ...(options.acceptSmaller === true ? ["--accept-smaller"] : []),
      ];
      exit(await onAgents(session, { names: targets, host: options.host, json: options.json, words }));
    });
}
