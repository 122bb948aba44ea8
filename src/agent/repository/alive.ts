import { closeSync, openSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Tool } from "../../tools/run.ts";
import { repositoriesDirectory } from "./known.ts";

/**
 * Whether a restic of this state directory runs, in this container or another one: each holds a shared flock(2), which
 * the kernel takes back when it dies. So what a container that is gone left behind can be told from what another one
 * (`kamal accessory exec` starts such) does just now; process numbers of another container say nothing.
 */
export interface Alive {
  /** The same program under the lock; its process number and exit status are its own. */
  holding(tool: Tool): Tool;
  /** The program, if no restic of ours runs, and none begins before its end; else exit status BUSY. */
  alone(tool: Tool): Tool;
  /** Leaves a mark of a run that begins; the function takes it away, for a run that ended by itself. */
  mark(random: string): () => void;
  /** Marks of runs, dead ones among them. */
  marks(): readonly string[];
  unmark(marks: readonly string[]): void;
}

export const BUSY = 75;

/** flock's exit status where it could not start the program. */
export const NOT_STARTED = 69;

export function aliveOf(stateDirectory: string, name: string): Alive {
  const directory = repositoriesDirectory(stateDirectory);
  const file = join(directory, `${name}.flock`);
  closeSync(openSync(file, "a", 0o600));
  const prefix = `${name}.running.`;
  const under = (flags: readonly string[], { program, argv, env }: Tool): Tool =>
    // util-linux's flock is on every Linux, the only system that an agent's container has; a checkout's may be another.
    process.platform === "linux"
      ? { program: "flock", argv: ["--no-fork", ...flags, file, program, ...argv], env }
      : { program, argv, env };
  return {
    holding: (tool) => under(["--shared"], tool),
    alone: (tool) => under(["--exclusive", "--nonblock", "--conflict-exit-code", String(BUSY)], tool),
    mark: (random) => {
      const path = join(directory, `${prefix}${random}`);
      writeFileSync(path, "", { mode: 0o600 });
      return () => rmSync(path, { force: true });
    },
    marks: () => readdirSync(directory).filter((entry) => entry.startsWith(prefix)),
    unmark: (marks) => {
      for (const mark of marks) rmSync(join(directory, mark), { force: true });
    },
  };
}
