import type { Command } from "commander";
import { dumpBackup } from "../../../agent/jobs/dump.ts";
import { Failure } from "../../../errors.ts";
import { agentCommand } from "../help.ts";
import { openToWork } from "../open.ts";
import { targetsNamed } from "../subjects.ts";
import { detailsText } from "../words.ts";

interface Options {
  readonly database?: string;
  readonly plain?: boolean;
  readonly output: string;
  readonly json?: boolean;
}

export function dumpCommand(): Command {
  const what = "Take a dump out of the repository: the engine's own format, or a tar archive of files.";
  return agentCommand("dump <target> [snapshot]", what, [
    { command: "kamal-backup dump db -o - > db.pgdump", what: "the newest" },
    {
      command: "kamal-backup dump db 2024-01-08T16:46:53 -o db.pgdump",
      what: "the newest at or before that time",
    },
    { command: "kamal-backup dump db --plain -o setup.sql", what: "SQL that makes a new accessory of it" },
  ])
    .option("--database <name>", "of a server with several (default: the application's)")
    .option("--plain", "SQL for /docker-entrypoint-initdb.d of a new accessory")
    .requiredOption("-o, --output <file>", "where to; - is stdout")
    .action(async (name: string, snapshot: string | undefined, options: Options) => {
      const { output, json } = options;
      if (output === "-" && json === true) throw new Failure("cli.usage", "--json and -o - both need stdout");
      const { agent, settle } = openToWork();
      for (const target of targetsNamed(agent.policy, [name])) {
        const { details } = await dumpBackup(
          target,
          {
            selector: snapshot ?? "latest",
            database: options.database ?? null,
            plain: options.plain === true,
            output,
          },
          agent,
        );
        settle();
        if (json === true) process.stdout.write(`${JSON.stringify(details, null, 2)}\n`);
        else if (output !== "-") process.stdout.write(detailsText(details));
      }
    });
}
