import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { labValue } from "./lab.ts";

const EVERY_MS = 100;

/** Command lines of processes, each once, as they were seen while something ran. */
export interface ArgvWatch {
  /** Ends the watch; gives every distinct line that was seen. */
  stop(): Promise<ReadonlySet<string>>;
}

/** Looks ten times a second at every process of a lab host, those in its containers included. */
export function watchHost(host: 1 | 2): ArgvWatch {
  // `read` ends with a status above 128 at its timeout, and with 1 when stdin is closed.
  const loop = `while read -r -t ${EVERY_MS / 1000} _; [ $? -gt 128 ]; do ps -ww -eo args=; done`;
  const child = spawn("docker", ["exec", "-i", labValue(`LAB_CONTAINER_HOST${host}`), "bash", "-c", loop], {
    env: { ...process.env, DOCKER_HOST: labValue("LAB_DOCKER_HOST") },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const seen = new Set<string>();
  let rest = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() as string;
    for (const line of lines) seen.add(line);
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => resolve());
  });
  return {
    async stop() {
      child.stdin.end();
      await ended;
      return seen;
    },
  };
}

/** The same of this machine. */
export function watchHere(): ArgvWatch {
  const seen = new Set<string>();
  const look = () => {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) seen.add(argvOf(pid));
  };
  const timer = setInterval(look, EVERY_MS);
  return {
    async stop() {
      clearInterval(timer);
      return seen;
    },
  };
}

/** Empty for a process that has ended meanwhile, and for threads of the kernel. */
function argvOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trimEnd();
  } catch {
    return "";
  }
}
