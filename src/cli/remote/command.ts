import { Command } from "commander";
import { examplesText } from "../help.ts";
import type { Example } from "../help.ts";
import type { GlobalOptions } from "../options.ts";

export interface RemoteOptions extends GlobalOptions {
  readonly host?: string;
  readonly json?: boolean;
}

const EXIT_STATUSES = `
Exit status:
    0  done
    1  an error, or what the agent found: a failed backup, drill or check
  130  interrupted by SIGINT (143: SIGTERM); the agent was told to end what it did
`;

/** A command that runs in the agents, with its examples. */
export function remoteCommand(name: string, what: string, examples: readonly Example[]): Command {
  return new Command(name)
    .description(what)
    .addHelpText("after", `${examplesText(examples)}\n${EXIT_STATUSES}`);
}

/** The options of a command that may run in several agents. */
export function onSeveral(command: Command): Command {
  return command
    .option("--host <host>", "only the agent of this host, as deploy.yml names it")
    .option("--json", "as JSON; of several agents one document with an entry for each");
}
