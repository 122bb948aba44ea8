import type { Command } from "commander";
import { open } from "../open.ts";
import { remoteCommand } from "../remote/command.ts";
import type { RemoteOptions } from "../remote/command.ts";

interface DumpOptions extends RemoteOptions {
  readonly output: string;
  readonly plain?: boolean;
  readonly database?: string;
}

export function dumpCommand(exit: (status: number) => void): Command {
  const what = "Take a dump out of a repository to this machine: as the engine writes it, or as SQL.";
  return remoteCommand("dump", what, [
    { command: "kamal-backup dump db -o latest.dump", what: "for pg_restore" },
    {
      command: "kamal-backup dump db 2026-01-08T16:46:53 -o setup.sql --plain",
      what: "for docker-entrypoint-initdb.d",
    },
    { command: "kamal-backup dump storage -o - | tar -t", what: "files are a tar archive" },
  ])
    .argument("[target]", "a database or files by its name in the policy; not needed where there is one")
    .argument(
      "[snapshot]",
      "latest, a timestamp (the newest at or before it), or the start of a snapshot's id",
    )
    .requiredOption("-o, --output <file>", "where it goes, mode 0600; - for stdout")
    .option("--plain", "as plain SQL")
    .option("--database <name>", "of a server with several; the app's own without")
    .action(
      async (name: string | undefined, selector: string | undefined, _own: unknown, command: Command) => {
        const options = command.optsWithGlobals<DumpOptions>();
        const session = await open(options);
        const [{ chooseTarget }, { fetchDump }, { toStdout }, { writeWhole }] = await Promise.all([
          import("../remote/agents.ts"),
          import("../remote/fetch-dump.ts"),
          import("../remote/to-stdout.ts"),
          import("../local/private-file.ts"),
        ]);
        const { node, target } = chooseTarget(session.topology(), name);
        const { database, plain = false, output } = options;
        const dump = { node, target: target.name, selector, database, plain };
        if (output === "-") {
          exit(await fetchDump(session.hosts, dump, toStdout));
          return;
        }
        let status = 0;
        await writeWhole(output, async (write) => {
          status = await fetchDump(session.hosts, dump, write);
          return status === 0;
        });
        if (status === 0) process.stderr.write(`Wrote ${output}.\n`);
        exit(status);
      },
    );
}
