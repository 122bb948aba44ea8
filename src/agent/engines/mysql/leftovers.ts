import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { AgentContext } from "../../context.ts";

const PREFIX = "mysql-drill-";

/** A directory for a throwaway server, named after the process that answers for it. */
export function drillDirectory(context: AgentContext): string {
  return join(context.scratchDirectory, `${PREFIX}${process.pid}-${context.randomHex(6)}`);
}

/** Ends and removes throwaway servers whose agent was killed: nobody else would. */
export function removeLeftovers(context: AgentContext): void {
  for (const name of namesIn(context.scratchDirectory)) {
    const owner = name.startsWith(PREFIX) ? Number.parseInt(name.slice(PREFIX.length), 10) : Number.NaN;
    if (Number.isNaN(owner) || isAlive(owner)) continue;
    const directory = join(context.scratchDirectory, name);
    const pid = Number.parseInt(read(join(directory, "server.pid")), 10);
    // The id may be another process's by now.
    if (pid > 1 && read(`/proc/${pid}/cmdline`).includes(`--datadir=${directory}/`))
      process.kill(pid, "SIGKILL");
    rmSync(directory, { recursive: true, force: true });
    context.log(`Removed what an interrupted drill left: ${directory}`);
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
