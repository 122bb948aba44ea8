import { Argument, Command } from "commander";
import { Failure } from "../../errors.ts";
import { examplesText } from "../help.ts";

const SHELLS = ["bash", "zsh", "fish"] as const;
type Shell = (typeof SHELLS)[number];

export function completionCommand(): Command {
  return new Command("completion")
    .description("Print a script with which a shell completes kamal-backup's commands, options and values.")
    .addArgument(new Argument("<shell>", "which shell").choices(SHELLS).argParser(shellOf))
    .addHelpText(
      "after",
      examplesText([
        { command: 'eval "$(kamal-backup completion bash)"', what: "in ~/.bashrc; zsh in ~/.zshrc likewise" },
        { command: "kamal-backup completion fish | source", what: "in ~/.config/fish/config.fish" },
      ]),
    )
    .action(async (shell: Shell, _own: unknown, { parent }: Command) => {
      if (parent === null) return;
      const [{ placesOf }, { bashScript, zshScript }, { fishScript }] = await Promise.all([
        import("../completion/places.ts"),
        import("../completion/bash-and-zsh.ts"),
        import("../completion/fish.ts"),
      ]);
      const script = { bash: bashScript, zsh: zshScript, fish: fishScript }[shell];
      process.stdout.write(script(placesOf(parent)));
    });
}

function shellOf(text: string): Shell {
  const shell = SHELLS.find((one) => one === text);
  if (shell !== undefined) return shell;
  throw new Failure("cli.usage", `no completion for ${text}`, { todo: `Name one of ${SHELLS.join(", ")}.` });
}
