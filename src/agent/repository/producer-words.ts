import { closeSync, fstatSync, mkdirSync, openSync, readSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../../errors.ts";
import type { AgentContext } from "../context.ts";
import type { Producer } from "../engines/engine.ts";

/** Enough for what a program says of its failure. */
const TAIL_BYTES = 16 * 1024;

/**
 * A producer whose stderr can be read when it has ended. restic gives the stderr of its child on, but does not wait for
 * the end of it (Go's `exec.Cmd.Wait` closes the pipe), so that the last words, which say what went wrong, may be lost.
 */
export interface Heard {
  readonly producer: Producer;
  /** The end of what it wrote to stderr. */
  words(): string;
  /** Removes the file that holds it. */
  forget(): void;
}

/**
 * @param restics names of restic's variables: restic gives its whole environment on, password and storage's keys
 * too, so those that are not the producer's as well are taken away before it starts
 * @throws Failure `files.unwritable` for a scratch directory that is full or read-only
 */
export function hear(producer: Producer, restics: readonly string[], context: AgentContext): Heard {
  const file = join(context.scratchDirectory, `stderr-${context.randomHex(8)}`);
  try {
    mkdirSync(context.scratchDirectory, { recursive: true, mode: 0o700 });
    writeFileSync(file, "", { mode: 0o600, flag: "wx" });
  } catch (cause) {
    throw new Failure("files.unwritable", `${file} cannot be written`, { where: "scratch directory", cause });
  }
  const unset = ["unset", ...restics.filter((name) => !(name in producer.env))].join(" ");
  return {
    producer: {
      program: "sh",
      argv: ["-c", `${unset}; exec "$@" 2>>"$0"`, file, producer.program, ...producer.argv],
      env: producer.env,
    },
    words: () => tailOf(file).trim(),
    forget: () => rmSync(file, { force: true }),
  };
}

function tailOf(path: string): string {
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    const tail = Buffer.alloc(Math.min(size, TAIL_BYTES));
    readSync(file, tail, 0, tail.length, size - tail.length);
    const text = tail.toString("utf8");
    // Not from within a line: half a secret is not known as one.
    return size > TAIL_BYTES ? text.slice(text.indexOf("\n") + 1) : text;
  } finally {
    closeSync(file);
  }
}
