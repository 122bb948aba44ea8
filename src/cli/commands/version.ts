import { Command } from "commander";
import { examplesText } from "../help.ts";
import { VERSION } from "../version.ts";

export function versionCommand(): Command {
  return new Command("version")
    .description("Print the version of kamal-backup, of Node and of the plan format.")
    .option("--json", "as JSON")
    .addHelpText("after", examplesText([{ command: "kamal-backup version --json", what: "for a program" }]))
    .action(({ json }: { json?: boolean }) => {
      const versions = { kamal_backup: VERSION, node: process.versions.node, plan_format: "1" };
      process.stdout.write(
        json === true
          ? `${JSON.stringify(versions, null, 2)}\n`
          : `kamal-backup ${VERSION} (Node ${versions.node}, plan format ${versions.plan_format})\n`,
      );
    });
}
