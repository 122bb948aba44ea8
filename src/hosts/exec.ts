import { constants } from "node:os";
import type ssh2 from "ssh2";
import { Failure } from "../errors.ts";
import { unreachable } from "./connection.ts";
import { announced, endProcess, PidReader } from "./remote-process.ts";
import type { Route } from "./route.ts";

export interface ExecOptions {
  readonly stdin?: string | Buffer;
  /** Ends the remote command as well as it can be ended: TERM to its process group, unless the connection is gone. */
  readonly signal?: AbortSignal;
  /** Without it a command may run as long as the connection holds. */
  readonly timeoutSeconds?: number;
  /**
   * Takes stdout as it comes; the result has none of it then: it may be larger than memory. Where it gives a promise,
   * which must not reject, no more is taken before that is settled, and the command waits.
   */
  readonly onStdout?: (chunk: Buffer) => unknown;
  /** Takes stderr as it comes, at once. */
  readonly onStderr?: (chunk: Buffer) => void;
}

export interface ExecResult {
  /** Exit status; 128 + n for a command ended by signal n, as in a shell. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a command on a connected host. Any exit status is a result; a connection that ends before the status came is
 * `host.unreachable`, never a success. Throws `host.timeout` and `host.interrupted` too.
 */
export function execOn(
  client: ssh2.Client,
  route: Route,
  argv: readonly string[],
  options: ExecOptions,
): Promise<ExecResult> {
  const program = argv[0] ?? "";
  const stop = stopSignal(options);
  return new Promise<ExecResult>((resolve, reject) => {
    const stopped = () =>
      options.signal?.aborted
        ? interrupted(program, route, options.signal)
        : new Failure("host.timeout", `${program} did not end in ${options.timeoutSeconds} s`, {
            where: route.title,
          });
    if (stop?.aborted) {
      reject(stopped());
      return;
    }
    const lost = (reason: string) => unreachable(route, reason, { detail: `While running ${program}` });
    // Covers the time in which the channel is being opened: ssh2 gives no handle on it yet.
    let abandon = () => reject(stopped());
    const onStop = () => abandon();
    stop?.addEventListener("abort", onStop, { once: true });
    const settle = <T>(how: (value: T) => void, value: T) => {
      stop?.removeEventListener("abort", onStop);
      how(value);
    };
    try {
      client.exec(announced(argv), (error, channel) => {
        if (error) {
          settle(reject, lost(error.message));
          return;
        }
        let code: number | null = null;
        const stdout: Buffer[] = [];
        const stderr: Buffer[] = [];
        const pid = new PidReader((chunk) => {
          if (options.onStderr === undefined) stderr.push(chunk);
          else options.onStderr(chunk);
        });
        channel.on("data", (chunk: Buffer) => {
          if (options.onStdout === undefined) {
            stdout.push(chunk);
            return;
          }
          const taken = options.onStdout(chunk);
          if (!(taken instanceof Promise)) return;
          channel.pause();
          void taken.then(() => channel.resume());
        });
        channel.stderr.on("data", (chunk: Buffer) => pid.read(chunk));
        channel.stderr.once("end", () => pid.end());
        abandon = () => {
          void endProcess(client, pid.pid).then(() => {
            channel.close();
            reject(stopped());
          });
        };
        if (stop?.aborted) abandon();
        channel.once("exit", (status: number | null, signal?: string) => {
          code = status ?? 128 + (constants.signals[signal as NodeJS.Signals] ?? 0);
        });
        const closed = new Promise((done) => channel.once("close", done));
        const drained = new Promise((done) => channel.stderr.once("end", done));
        void Promise.all([closed, drained]).then(() => {
          if (stop?.aborted) return;
          if (code === null) settle(reject, lost("the connection was lost"));
          else settle(resolve, { code, stdout: text(stdout), stderr: text(stderr) });
        });
        channel.end(options.stdin);
      });
    } catch (error) {
      settle(reject, lost((error as Error).message));
    }
  });
}

/** What `work` gives, unless the signal comes first: then `host.interrupted`, and the work goes on unheard. */
export async function unlessInterrupted<T>(
  work: Promise<T>,
  program: string,
  route: Route,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (!signal) return work;
  let stop = () => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(interrupted(program, route, signal));
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([stopped, work]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function interrupted(program: string, route: Route, signal: AbortSignal): Failure {
  return new Failure("host.interrupted", `${program} was interrupted`, {
    where: route.title,
    cause: signal.reason,
  });
}

function stopSignal({ signal, timeoutSeconds }: ExecOptions): AbortSignal | undefined {
  const signals = [
    ...(signal ? [signal] : []),
    ...(timeoutSeconds === undefined ? [] : [AbortSignal.timeout(timeoutSeconds * 1000)]),
  ];
  return signals.length > 1 ? AbortSignal.any(signals) : signals[0];
}

function text(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks).toString("utf8");
}
