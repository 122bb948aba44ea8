import { type ChildProcess, spawn, type StdioOptions } from "node:child_process";
import { closeSync, fchmodSync, fstatSync, openSync } from "node:fs";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { Failure } from "../errors.ts";

/** A program to run. Secrets are in its environment or stdin, never in argv. */
export interface Tool {
  readonly program: string;
  readonly argv: readonly string[];
  /** All of its environment besides PATH, LANG and HOME. */
  readonly env: Readonly<Record<string, string>>;
}

export interface PipeOptions {
  /** Ends the program: SIGINT to its process group, as a terminal does, and SIGKILL where it is still there after the grace. */
  readonly signal: AbortSignal;
  /** 10 unless told. */
  readonly graceSeconds?: number;
  /**
   * Written from its beginning, mode 0600, without passing through this process; `stdout` is empty then. A number is a
   * file descriptor of ours, such as 1, which stays open.
   */
  readonly stdoutToFile?: string | number;
  /** Each line without its newline, in place of collecting `stdout`. Must not throw. */
  readonly onStdoutLine?: (line: string) => void;
  readonly onStderrLine?: (line: string) => void;
}

export interface ToolOptions extends PipeOptions {
  /** A file descriptor of ours that the program has as its descriptor 3; it stays open here. */
  readonly descriptor?: number;
  /** Nothing unless told. Where a stream breaks, the program is killed: it must not take the rest for the whole. */
  readonly stdin?: string | Buffer | Readable;
}

export interface ToolResult {
  /** Null when it did not start or was ended by a signal. */
  readonly exitCode: number | null;
  readonly stdout: string;
  /** The last 64 KiB. */
  readonly stderr: string;
  /** That ended it: SIGKILL. */
  readonly signal: string | null;
  /** Errno code when it could not be started: ENOENT. */
  readonly spawnError: string | null;
  /** It was told to stop by the signal, whatever it came to. */
  readonly aborted: boolean;
}

const STDERR_BYTES = 64 * 1024;

/** How long pipes may stay open after the program's end: a daemon that it left behind never closes them. */
const DRAIN_MS = 2000;

const NOT_STARTED: ToolResult = {
  exitCode: null,
  stdout: "",
  stderr: "",
  signal: null,
  spawnError: null,
  aborted: true,
};

/**
 * Runs a program to its end, in a process group of its own, in the directory `/`. Never throws for what the program
 * does; Failure `files.unwritable` where `stdoutToFile` cannot be opened.
 */
export async function runTool(tool: Tool, options: ToolOptions): Promise<ToolResult> {
  if (options.signal.aborted) return NOT_STARTED;
  const more = options.descriptor === undefined ? [] : [options.descriptor];
  const child = start(tool, options.stdin === undefined ? "ignore" : "pipe", options, more);
  const result = settle(child, options);
  if (options.stdin !== undefined) feed(child, options.stdin);
  return await result;
}

/**
 * Runs two programs at once, the stdout of one being the stdin of the other: the very same pipe, so no byte passes
 * through this process. What either does is for the caller to judge: the second one's success says nothing of the first.
 */
export async function pipeTools(from: Tool, into: Tool, options: PipeOptions): Promise<Piped> {
  return await pipe(from, into, ["ignore"], options);
}

/** Closes its descriptor 3 when the program has ended, and reads away what that left of its stdin. */
const DRAINING = '"$@" 3>&-; status=$?; exec 3>&-; cat >/dev/null; exit $status';

/**
 * The same with a second program that may read no more than the beginning: once that has ended, the first is told to end
 * as well, by SIGINT. By itself it would die of the broken pipe (SIGPIPE) without cleaning up: restic leaves its lock in
 * the repository then.
 */
export async function pipeHead(from: Tool, into: Tool, options: PipeOptions): Promise<Piped> {
  const argv = ["-c", DRAINING, "sh", into.program, ...into.argv];
  return await pipe(from, { ...into, program: "sh", argv }, ["pipe"], options);
}

/** What became of two programs that ran at once. */
export interface Piped {
  readonly from: ToolResult;
  readonly into: ToolResult;
}

/** @param third the reader's descriptor 3; where it is a pipe, its end ends the writer. */
async function pipe(
  from: Tool,
  into: Tool,
  third: readonly ("pipe" | "ignore")[],
  options: PipeOptions,
): Promise<Piped> {
  if (options.signal.aborted) return { from: NOT_STARTED, into: NOT_STARTED };
  const { signal, graceSeconds = 10 } = options;
  const writer = start(from, "ignore", {});
  // In the same tick: Node gives the pipe on without having read from it.
  const reader = start(into, writer.stdout ?? "ignore", options, third);
  // Our own end has to go, or the writer would never hear that its reader is gone.
  writer.stdout?.destroy();
  const enough = new AbortController();
  reader.stdio[3]?.once("close", () => enough.abort());
  (reader.stdio[3] as Readable | null | undefined)?.resume();
  const [fromResult, intoResult] = await Promise.all([
    settle(writer, { signal: AbortSignal.any([signal, enough.signal]), graceSeconds, stdoutToFile: "" }),
    settle(reader, options),
  ]);
  return { from: fromResult, into: intoResult };
}

function start(
  { program, argv, env }: Tool,
  stdin: "ignore" | "pipe" | Readable,
  { stdoutToFile }: { readonly stdoutToFile?: string | number },
  more: readonly ("pipe" | "ignore" | number)[] = [],
): ChildProcess {
  const file = typeof stdoutToFile === "string" ? openPrivate(stdoutToFile) : null;
  const ours = typeof stdoutToFile === "number" ? stdoutToFile : "pipe";
  const stdio: StdioOptions = [stdin, file ?? ours, "pipe", ...more];
  try {
    return spawn(program, [...argv], {
      cwd: "/",
      detached: true,
      env: { ...ownEnvironment(), ...env },
      stdio,
    });
  } finally {
    if (file !== null) closeSync(file);
  }
}

function ownEnvironment(): Record<string, string> {
  const { PATH = "/usr/local/bin:/usr/bin:/bin", LANG = "C.UTF-8", HOME = "/", TMPDIR } = process.env;
  return { PATH, LANG, HOME, ...(TMPDIR === undefined ? {} : { TMPDIR }) };
}

function openPrivate(path: string): number {
  try {
    const file = openSync(path, "w", 0o600);
    // Not of a device: /dev/null is everybody's.
    if (fstatSync(file).isFile()) fchmodSync(file, 0o600);
    return file;
  } catch (cause) {
    throw new Failure("files.unwritable", `${path} cannot be written`, { where: path, cause });
  }
}

function settle(child: ChildProcess, options: PipeOptions): Promise<ToolResult> {
  const stdout: Buffer[] = [];
  let stderr = "";
  if (options.onStdoutLine !== undefined) eachLine(child.stdout, options.onStdoutLine);
  else if (options.stdoutToFile === undefined)
    child.stdout?.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
    stderr = tailOf(stderr + chunk);
  });
  if (options.onStderrLine !== undefined) eachLine(child.stderr, options.onStderrLine);

  let timer: NodeJS.Timeout | undefined;
  const interrupt = (): void => {
    signalGroup(child, "SIGINT");
    timer = setTimeout(() => signalGroup(child, "SIGKILL"), (options.graceSeconds ?? 10) * 1000);
  };
  options.signal.addEventListener("abort", interrupt, { once: true });

  return new Promise((resolve) => {
    let drain: NodeJS.Timeout | undefined;
    const finish = (exitCode: number | null, signal: string | null, spawnError: string | null): void => {
      clearTimeout(timer);
      clearTimeout(drain);
      options.signal.removeEventListener("abort", interrupt);
      const text = Buffer.concat(stdout).toString("utf8");
      const brokenStdin = stdinErrors.get(child);
      if (brokenStdin !== undefined) stderr += `\nits stdin broke: ${brokenStdin}`;
      resolve({ exitCode, stdout: text, stderr, signal, spawnError, aborted: options.signal.aborted });
    };
    child.on("error", (error: NodeJS.ErrnoException) => {
      if (child.pid === undefined) finish(null, null, error.code ?? error.message);
    });
    child.on("exit", () => {
      drain = setTimeout(() => {
        if (options.signal.aborted) signalGroup(child, "SIGKILL");
        child.stdout?.destroy();
        child.stderr?.destroy();
      }, DRAIN_MS);
    });
    child.on("close", (exitCode, signal) => {
      if (child.pid !== undefined) finish(exitCode, signal, null);
    });
  });
}

/** Not from within a line: half a secret is not known as one. */
function tailOf(text: string): string {
  if (text.length <= STDERR_BYTES) return text;
  const end = text.slice(-STDERR_BYTES);
  return end.slice(end.indexOf("\n") + 1);
}

function eachLine(stream: Readable | null, onLine: (line: string) => void): void {
  if (stream !== null)
    createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on("line", onLine);
}

const stdinErrors = new WeakMap<ChildProcess, string>();

function feed(child: ChildProcess, stdin: string | Buffer | Readable): void {
  // A program that does not read all of its stdin is no error of ours: EPIPE.
  child.stdin?.on("error", () => {});
  if (!(stdin instanceof Readable)) {
    child.stdin?.end(stdin);
    return;
  }
  stdin.on("error", (error) => {
    stdinErrors.set(child, error.message);
    signalGroup(child, "SIGKILL");
  });
  if (child.stdin !== null) stdin.pipe(child.stdin);
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Gone in the meantime.
  }
}
