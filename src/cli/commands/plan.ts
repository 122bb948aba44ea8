import { Command } from "commander";
import { examplesText, exitsText } from "../help.ts";
import { open } from "../open.ts";
import { collect, wantsColour } from "../options.ts";
import type { GlobalOptions } from "../options.ts";

interface PlanOptions extends GlobalOptions {
  readonly json?: boolean;
  readonly commands?: boolean;
  readonly target?: readonly string[];
  readonly exclude?: readonly string[];
}

export function planCommand(exit: (status: number) => void): Command {
  return new Command("plan")
    .description(
      "Observe everything and show what apply would change, why, and what that interrupts. Changes nothing.",
    )
    .option("--json", "the plan as JSON (schemas/plan.v1.schema.json)")
    .option("--commands", "show the commands that apply would run")
    .option("--target <id>", "only this resource and what it needs first; may be repeated", collect)
    .option("--exclude <id>", "without this resource and what needs it; may be repeated", collect)
    .addHelpText(
      "after",
      examplesText([
        { command: "kamal-backup plan", what: "what would change" },
        { command: "kamal-backup plan --commands", what: "and by which commands" },
        { command: "kamal-backup plan -d staging", what: "of the destination staging" },
        { command: "kamal-backup plan --target container:db-replica", what: "one resource" },
        { command: "kamal-backup plan --json | jq '.changes[].id'", what: "for a program" },
      ]),
    )
    .addHelpText("after", exitsText())
    .action(async (_own: unknown, command: Command) => {
      const options = command.optsWithGlobals<PlanOptions>();
      const session = await open(options);
      const [{ selectChanges }, { planExit }] = await Promise.all([
        import("../../engine/select.ts"),
        import("../../engine/verdict.ts"),
      ]);
      const plan = selectChanges(await session.plan(), options.target ?? [], options.exclude ?? []);
      if (options.json === true) {
        const { jsonText } = await import("../../report/json.ts");
        process.stdout.write(jsonText(plan));
      } else {
        const { planText } = await import("../../report/plan-text.ts");
        const colour = wantsColour(options, process.stdout);
        process.stdout.write(
          planText(plan, { commands: options.commands === true, colour, allowed: session.policy.allow }),
        );
      }
      exit(planExit(plan));
    });
}
