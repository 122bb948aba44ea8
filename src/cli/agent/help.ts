import { Command } from "commander";
import { examplesText } from "../help.ts";
import type { Example } from "../help.ts";

const EXIT_STATUSES = `
Exit status:
    0  done; healthy (health); the ledger is whole (evidence --verify)
    1  an error, or the finding that was asked for: unhealthy, a failed drill, a broken ledger
`;

/** A command of the agent, with its examples; it takes `--json` where that is not left out. */
export function agentCommand(name: string, what: string, examples: readonly Example[]): Command {
  return new Command(name)
    .description(what)
    .option("--json", "as JSON")
    .addHelpText("after", `${examplesText(examples)}\n${EXIT_STATUSES}`);
}

/** Prints the one thing that was asked for. */
export function print(json: boolean | undefined, value: unknown, text: string): void {
  process.stdout.write(json === true ? `${JSON.stringify(value, null, 2)}\n` : `${text}\n`);
}
