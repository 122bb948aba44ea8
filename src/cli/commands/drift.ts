import { Command } from "commander";
import { examplesText, exitsText } from "../help.ts";
import { open } from "../open.ts";
import { wantsColour } from "../options.ts";
import type { GlobalOptions } from "../options.ts";

export function driftCommand(exit: (status: number) => void): Command {
  return new Command("drift")
    .description(
      "Find what was changed by hand since the last apply, and what is not healthy. Changes nothing.",
    )
    .option("--json", "as JSON")
    .addHelpText(
      "after",
      examplesText([
        { command: "kamal-backup drift", what: "every night, from cron or CI" },
        { command: "kamal-backup drift --json", what: "for a program" },
      ]),
    )
    .addHelpText("after", exitsText())
    .action(async (_own: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & { readonly json?: boolean }>();
      const session = await open(options);
      const { drifted, driftExit } = await import("../../engine/verdict.ts");
      const plan = await session.plan();
      if (options.json === true) {
        const { driftJson, jsonText } = await import("../../report/json.ts");
        process.stdout.write(jsonText(driftJson(plan, drifted(plan))));
      } else {
        const { driftText } = await import("../../report/drift-text.ts");
        process.stdout.write(driftText(plan, drifted(plan), wantsColour(options, process.stdout)));
      }
      exit(driftExit(plan));
    });
}
