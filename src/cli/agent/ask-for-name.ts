import { createInterface } from "node:readline/promises";
import { Failure } from "../../errors.ts";

/** Has the name typed of what a restore is to replace. Failure `restore.no-terminal` where nobody can. */
export async function askForName(target: string): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new Failure("restore.no-terminal", `nobody can confirm that ${target} is to be replaced`);
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const question = `Production is about to be changed. Type the name of the database (of the target, for files) to confirm: `;
    return (await terminal.question(question)).trim();
  } finally {
    terminal.close();
  }
}
