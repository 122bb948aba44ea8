import type { Command } from "commander";
import { buildProgram } from "../../src/cli/program.ts";

const INTRODUCTION = `# Commands

<!-- Generated from --help by npm run generate. -->

Every command takes the options that \`kamal-backup --help\` lists. What is asked for goes to stdout, all else to stderr;
with \`--json\` an error is JSON on stdout too.
`;

/** The text of docs/commands.md: the help of the program and of each command. */
export function commandsPage(): string {
  const program = buildProgram(() => {});
  const commands = program.commands.flatMap((command) => [command, ...command.commands]).map(section);
  return [INTRODUCTION, section(program), ...commands].join("\n");
}

function section(command: Command): string {
  return `## ${nameOf(command)}\n\n\`\`\`text\n${helpOf(command).trimEnd()}\n\`\`\`\n`;
}

function nameOf(command: Command): string {
  return command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;
}

/** With what is added after the help, which helpInformation leaves out. */
function helpOf(command: Command): string {
  let text = "";
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
  });
  command.outputHelp();
  return text;
}
