import { Command, Option } from "commander";
import { Failure } from "../../errors.ts";
import { examplesText, exitsText } from "../help.ts";
import { open } from "../open.ts";
import type { ApplyOptions } from "../options.ts";

export function applyCommand(exit: (status: number) => void): Command {
  return new Command("apply")
    .description(
      "Plan, show, ask, change, and observe again. Holds Kamal's deploy lock meanwhile. Data is never removed.",
    )
    .option("--auto-approve", "do not ask")
    .addOption(
      new Option(
        "--allow <impact>",
        "the gravest impact to apply (default: apply.allow of the policy)",
      ).choices(["reload", "restart", "recreate", "data"]),
    )
    .option(
      "--lock-timeout <seconds>",
      "how long to wait for a deploy lock that somebody else holds",
      wholeSeconds,
      0,
    )
    .option("--json", "the outcome as JSON; needs --auto-approve")
    .addHelpText(
      "after",
      examplesText([
        { command: "kamal-backup apply", what: "type yes to go on" },
        { command: "kamal-backup apply --allow recreate", what: "the database may stop for some seconds" },
        { command: "kamal-backup apply --auto-approve --lock-timeout 600", what: "in CI" },
      ]),
    )
    .addHelpText("after", exitsText())
    .action(async (_own: unknown, command: Command) => {
      const options = command.optsWithGlobals<ApplyOptions>();
      const asks = options.autoApprove !== true;
      if (asks && (options.json === true || process.stdin.isTTY !== true)) {
        throw new Failure(
          "apply.no-terminal",
          "nobody can be asked: there is no terminal, or the output is JSON",
        );
      }
      const session = await open(options);
      const { runApply } = await import("../run-apply.ts");
      exit(await runApply(session, options));
    });
}

function wholeSeconds(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new Failure("cli.usage", `--lock-timeout takes whole seconds, not ${text}`);
}
