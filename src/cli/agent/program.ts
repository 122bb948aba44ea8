import { Command } from "commander";
import { examplesText, groupHint } from "../help.ts";
import { VERSION } from "../version.ts";
import { backupCommand } from "./commands/backup.ts";
import { drillCommand } from "./commands/drill.ts";
import { dumpCommand } from "./commands/dump.ts";
import { evidenceCommand } from "./commands/evidence.ts";
import { healthCommand } from "./commands/health.ts";
import { listCommand } from "./commands/list.ts";
import { produceMysqlCommand } from "./commands/produce-mysql.ts";
import { checkCommand, initCommand, pruneCommand, unlockCommand } from "./commands/repository-jobs.ts";
import { restoreCommand } from "./commands/restore.ts";
import { scheduleCommand } from "./commands/schedule.ts";
import { statusCommand } from "./commands/status.ts";
import { validateCommand } from "./commands/validate.ts";
import { versionCommand } from "./commands/version.ts";

const COMMANDS = [
  scheduleCommand,
  statusCommand,
  healthCommand,
  backupCommand,
  listCommand,
  restoreCommand,
  drillCommand,
  dumpCommand,
  checkCommand,
  pruneCommand,
  unlockCommand,
  initCommand,
  evidenceCommand,
  validateCommand,
  versionCommand,
];

/** The command line inside the agent's container. An action gives the exit status to `exit`. */
export function buildAgentProgram(exit: (status: number) => void): Command {
  const program = new Command("kamal-backup")
    .description("The agent of kamal-backup: takes backups, proves them, and says how they are.")
    .version(VERSION, "-V, --version", "print the version")
    .helpCommand("help [command]", "print the help of a command")
    // What stands behind the words of produce-mysql is of another program.
    .enablePositionalOptions()
    .addHelpText(
      "after",
      examplesText([
        { command: "kamal-backup status", what: "what ran, what will, and how the repositories are" },
        { command: "kamal-backup backup db", what: "back up a target now" },
        { command: "kamal-backup list", what: "what can be restored" },
        { command: "kamal-backup drill production db", what: "prove that it can be" },
        { command: "kamal-backup evidence", what: "show what was proven" },
      ]),
    );
  dress(program);
  for (const make of COMMANDS) {
    const command = make(exit);
    for (const one of [command, ...command.commands]) dress(one);
    program.addCommand(command);
  }
  return program.addCommand(produceMysqlCommand(exit), { hidden: true });
}

function dress(command: Command): void {
  command
    .helpOption("-h, --help", "print this help")
    .configureHelp({ helpWidth: 110 })
    .showHelpAfterError(command.commands.length > 0 ? groupHint(command) : "(--help shows what is possible)");
}
