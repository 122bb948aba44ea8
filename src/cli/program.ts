import { Command } from "commander";
import { applyCommand } from "./commands/apply.ts";
import { backupCommand } from "./commands/backup.ts";
import { completionCommand } from "./commands/completion.ts";
import { drillCommand } from "./commands/drill.ts";
import { driftCommand } from "./commands/drift.ts";
import { dumpCommand } from "./commands/dump.ts";
import { inAgentsCommands } from "./commands/in-agents.ts";
import { logsCommand } from "./commands/logs.ts";
import { planCommand } from "./commands/plan.ts";
import { restoreCommand } from "./commands/restore.ts";
import { validateCommand } from "./commands/validate.ts";
import { versionCommand } from "./commands/version.ts";
import { examplesText, exitsText, groupHint } from "./help.ts";
import { addGlobalOptions } from "./options.ts";
import { VERSION } from "./version.ts";

/** The command line. An action gives the exit status to `exit`. */
export function buildProgram(exit: (status: number) => void): Command {
  const program = addGlobalOptions(new Command("kamal-backup"))
    .description("Data safety for apps deployed with Kamal, from one reviewed file: backup-policy.yml.")
    .version(VERSION, "-V, --version", "print the version")
    .helpCommand("help [command]", "print the help of a command")
    .helpOption("-h, --help", "print this help")
    .configureHelp({ showGlobalOptions: true, helpWidth: 110 })
    .showHelpAfterError("(--help shows what is possible)")
    .addHelpText(
      "after",
      examplesText([
        { command: "kamal-backup validate", what: "check backup-policy.yml against deploy.yml" },
        { command: "kamal-backup plan", what: "show what would change, and what that interrupts" },
        { command: "kamal-backup apply", what: "change it, after you have typed yes" },
        { command: "kamal-backup drift -d production", what: "find what somebody changed by hand" },
        { command: "kamal-backup backup db", what: "back up now, on the host" },
        { command: "kamal-backup restore production db", what: "bring the newest backup back" },
      ]),
    )
    .addHelpText("after", exitsText());
  const commands = [
    validateCommand(),
    planCommand(exit),
    applyCommand(exit),
    driftCommand(exit),
    backupCommand(exit),
    restoreCommand(exit),
    drillCommand(exit),
    dumpCommand(exit),
    ...inAgentsCommands(exit),
    logsCommand(exit),
    versionCommand(),
    completionCommand(),
  ];
  for (const command of commands) program.addCommand(withHelp(command));
  return program;
}

function withHelp(command: Command): Command {
  for (const inner of command.commands) withHelp(inner);
  if (command.commands.length > 0) command.showHelpAfterError(groupHint(command));
  return command
    .helpOption("-h, --help", "print this help")
    .configureHelp({ showGlobalOptions: true, helpWidth: 110 });
}
