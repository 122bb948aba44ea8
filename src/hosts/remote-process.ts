import type ssh2 from "ssh2";
import { shellCommand } from "./quote.ts";

const MARK = "kamal-backup-pid";
const END_SECONDS = 2;

/**
 * A command line that first tells its process id on stderr. sshd ignores signals for sessions of root ("session
 * signalling requires privilege separation"), and a closed channel ends only a command that reads or writes: to end a
 * command, its process has to be known.
 */
export function announced(argv: readonly string[]): string {
  return shellCommand(["sh", "-c", `echo ${MARK} $$ >&2; exec "$@"`, "sh", ...argv]);
}

/** Takes the line with the process id out of stderr; everything else goes on as it came. */
export class PidReader {
  readonly #pass: (chunk: Buffer) => void;
  #held: Buffer | null = Buffer.alloc(0);
  pid: number | null = null;

  constructor(pass: (chunk: Buffer) => void) {
    this.#pass = pass;
  }

  read(chunk: Buffer): void {
    if (this.#held === null) {
      this.#pass(chunk);
      return;
    }
    this.#held = Buffer.concat([this.#held, chunk]);
    // A login shell may have said something before it.
    const found = new RegExp(`^${MARK} (\\d+)\\n`, "m").exec(this.#held.toString("latin1"));
    if (found === null) return;
    this.pid = Number(found[1]);
    const rest = [this.#held.subarray(0, found.index), this.#held.subarray(found.index + found[0].length)];
    this.#held = null;
    for (const part of rest) if (part.length > 0) this.#pass(part);
  }

  end(): void {
    if (this.#held !== null && this.#held.length > 0) this.#pass(this.#held);
    this.#held = null;
  }
}

/** TERM to the process group, or to the process where it leads no group. Waits for it two seconds at most. */
export async function endProcess(client: ssh2.Client, pid: number | null): Promise<void> {
  if (pid === null) return;
  const command = `kill -TERM -- -${pid} 2>/dev/null || kill -TERM ${pid}`;
  await new Promise<void>((resolve) => {
    setTimeout(resolve, END_SECONDS * 1000).unref();
    try {
      client.exec(shellCommand(["sh", "-c", command]), (error, channel) => {
        if (error) resolve();
        else channel.once("close", () => resolve()).resume();
      });
    } catch {
      // The connection is gone, and nothing can be done about the command.
      resolve();
    }
  });
}
