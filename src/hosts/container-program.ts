import type { Hosts } from "./hosts.ts";
import { LineReader } from "./line-reader.ts";

/** How a program of a container is started, and how it is told to end: docker passes no signal on to an exec. */
export interface ContainerProgram {
  readonly argv: readonly string[];
  /** `pid` in the container, where the program tells it first. */
  readonly signal: (name: "INT" | "TERM", pid: string) => readonly string[];
  /** Whether it tells its process id before all else; one that does not never started. */
  readonly announces: boolean;
}

export interface RunningProgram {
  readonly ended: Promise<ProgramEnd>;
  /** Asks it to end, the second time harder; the third gives it up. Its end is awaited as before. */
  interrupt(): void;
}

export interface ProgramEnd {
  readonly code: number;
  /** False: docker could not start it, and `said` is why. */
  readonly started: boolean;
  /** The last lines of stderr. */
  readonly said: readonly string[];
}

interface Streams {
  /** See `ExecOptions`. */
  readonly onStdout: (chunk: Buffer) => unknown;
  /** A line of stderr, without its newline. */
  readonly onStderr: (line: string) => void;
}

const MARK = "kamal-backup-in-container";
const ANNOUNCED = new RegExp(`^${MARK} (\\d+)$`);
const KEPT_LINES = 10;

/** A program in a running container. Nothing secret may be in its arguments or in `env`. */
export function execIn(
  container: string,
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
): ContainerProgram {
  const variables = Object.entries(env).flatMap(([name, value]) => ["--env", `${name}=${value}`]);
  const tell = ["sh", "-c", `echo ${MARK} $$ >&2; exec "$@"`, "sh"];
  return {
    argv: ["docker", "exec", ...variables, container, ...tell, ...argv],
    signal: (name, pid) => ["docker", "exec", container, "kill", `-${name}`, pid],
    announces: true,
  };
}

/** Starts it on a host. `ended` rejects with `host.*`; any exit status is a result. */
export function startProgram(
  hosts: Hosts,
  host: string,
  program: ContainerProgram,
  { onStdout, onStderr }: Streams,
): RunningProgram {
  const give = new AbortController();
  let pid: string | null = null;
  let asked = 0;
  const said: string[] = [];
  const ask = () => {
    if (asked > 2) give.abort();
    else if (pid !== null || !program.announces) {
      const argv = program.signal(asked === 1 ? "INT" : "TERM", pid ?? "");
      // It may have ended meanwhile.
      hosts.exec(host, argv, { timeoutSeconds: 20 }).catch(() => {});
    }
  };
  const lines = new LineReader((line) => {
    const told = program.announces && pid === null ? ANNOUNCED.exec(line) : null;
    if (told === null) {
      if (said.push(line) > KEPT_LINES) said.shift();
      // Before its process id, docker speaks.
      if (pid !== null || !program.announces) onStderr(line);
      return;
    }
    pid = told[1] as string;
    if (asked > 0) ask();
  });
  const ended = hosts
    .exec(host, program.argv, { signal: give.signal, onStdout, onStderr: (chunk) => lines.read(chunk) })
    .then(({ code }) => {
      lines.end();
      return { code, started: pid !== null || !program.announces, said };
    });
  return {
    ended,
    interrupt() {
      asked += 1;
      ask();
    },
  };
}
