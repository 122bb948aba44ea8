import { execa } from "execa";

/** One run of a program. */
export interface ProgramRun {
  readonly cwd: string;
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Ends the program: SIGINT to it, and SIGKILL to its process group when it is still there after `graceSeconds`. */
  readonly signal?: AbortSignal | undefined;
  readonly graceSeconds?: number;
  /** Called with each line of stdout and stderr as it comes, without its newline. */
  readonly onLine?: ((line: string) => void) | undefined;
  /**
   * The program may ask its user something: it shares the terminal. Otherwise it has a process group of its own and
   * no stdin, so that a terminal's Ctrl-C reaches us and not it.
   */
  readonly attended?: boolean;
}

export interface ProgramResult {
  readonly stdout: string;
  readonly stderr: string;
  /** Null when it did not start or was ended by a signal. */
  readonly exitCode: number | null;
  /** Errno code when it could not be started: ENOENT. */
  readonly spawnError: string | null;
  readonly aborted: boolean;
}

/** Runs a program to its end. Never throws for what the program does. */
export async function runProgram(
  program: string,
  argv: readonly string[],
  run: ProgramRun,
): Promise<ProgramResult> {
  if (run.signal?.aborted) return { stdout: "", stderr: "", exitCode: null, spawnError: null, aborted: true };
  const attended = run.attended === true && process.stdin.isTTY === true;
  const tap = tapOf(run.onLine);
  const child = execa(program, argv, {
    cwd: run.cwd,
    env: run.env ?? {},
    reject: false,
    stripFinalNewline: false,
    detached: !attended,
    stdin: attended ? "inherit" : "ignore",
    stdout: tap === null ? "pipe" : tap,
    stderr: attended ? ["pipe", "inherit"] : tap === null ? "pipe" : tap,
  });
  let kill: NodeJS.Timeout | undefined;
  const interrupt = (): void => {
    child.kill("SIGINT");
    kill = setTimeout(() => killAll(child.pid, attended), (run.graceSeconds ?? 10) * 1000);
  };
  run.signal?.addEventListener("abort", interrupt, { once: true });
  try {
    const result = await child;
    return {
      stdout: result.stdout ?? "",
      stderr: result.stderr ?? "",
      exitCode: result.exitCode ?? null,
      spawnError: result.exitCode === undefined && result.signal === undefined ? (result.code ?? null) : null,
      aborted: run.signal?.aborted ?? false,
    };
  } finally {
    clearTimeout(kill);
    run.signal?.removeEventListener("abort", interrupt);
  }
}

/** A child that outlives the program and holds its pipes open dies with the group. */
function killAll(pid: number | undefined, attended: boolean): void {
  if (pid === undefined) return;
  try {
    process.kill(attended ? pid : -pid, "SIGKILL");
  } catch {
    // Gone in the meantime.
  }
}

function tapOf(onLine: ((line: string) => void) | undefined): ((line: unknown) => Generator<unknown>) | null {
  if (onLine === undefined) return null;
  return function* (line: unknown) {
    onLine(String(line));
    yield line;
  };
}
