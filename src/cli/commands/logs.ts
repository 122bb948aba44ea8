import type { Command } from "commander";
import { Failure } from "../../errors.ts";
import { open } from "../open.ts";
import { remoteCommand } from "../remote/command.ts";
import type { RemoteOptions } from "../remote/command.ts";

interface LogsOptions extends RemoteOptions {
  readonly follow?: boolean;
  readonly lines: string;
}

export function logsCommand(exit: (status: number) => void): Command {
  const what = "Show the log of an agent, of one host or of the only one there is.";
  return remoteCommand("logs", what, [
    { command: "kamal-backup logs -f", what: "and go on as it is written" },
    { command: "kamal-backup logs --host 10.0.1.2 -n 1000", what: "of one host" },
  ])
    .option("--host <host>", "the agent of this host, as deploy.yml names it")
    .option("-f, --follow", "go on until Ctrl-C")
    .option("-n, --lines <count>", "how many lines of the past", "100")
    .action(async (_own: unknown, command: Command) => {
      const options = command.optsWithGlobals<LogsOptions>();
      if (!/^\d+$/.test(options.lines)) {
        throw new Failure("cli.usage", `--lines takes a whole number, not ${options.lines}`);
      }
      const session = await open(options);
      const { agentLog } = await import("../remote/agent-log.ts");
      const { host = null, follow = false, lines } = options;
      exit(await agentLog(session, { host, follow, lines: Number(lines) }));
    });
}
