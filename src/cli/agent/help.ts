import { Command } from "commander";
import { examplesText } from "../help.ts";
import type { Example } from "../help.ts";

const EXIT_STATUSES = `
Exit status:
    0  done; healthy (health); the ledger is whole (evidence --verify)
    1  an error, or the finding that was asked for: unhealthy, a failed drill, a broken ledger
`;

/** A command of the agent, with its arguments (`list [target...]`) and examples. */
export function agentCommand(usage: string, what: string, examples: readonly Example[]): Command {
  const [name, ...given] = usage.split(" ");
  const command = new Command(name);
  for (const one of given) command.argument(one);
  return command
    .description(what)
    .option("--json", "as JSON")
    .addHelpText("after", `${examplesText(examples)}\n${EXIT_STATUSES}`);
}

/** Prints the one thing that was asked for. */
export function print(json: boolean | undefined, value: unknown, text: string): void {
  process.stdout.write(json === true ? `${JSON.stringify(value, null, 2)}\n` : `${text}\n`);
}
