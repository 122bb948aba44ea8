import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { AgentContext } from "../../context.ts";

/** How the directory of a throwaway starts. */
export const THROWAWAY = "pg-";

const MARKER = "owner";

/** Writes into a throwaway's directory which process it belongs to. */
export async function markOwner(directory: string): Promise<void> {
  await writeFile(join(directory, MARKER), await identity(process.pid), { mode: 0o600 });
}

/** Ends the throwaways whose process is gone, as after a crash or a new container, and removes their files. */
export async function removeLeftovers(scratchDirectory: string, context: AgentContext): Promise<void> {
  const names = await readdir(scratchDirectory).catch(() => []);
  for (const name of names.filter((found) => found.startsWith(THROWAWAY))) {
    const directory = join(scratchDirectory, name);
    const owner = await readFile(join(directory, MARKER), "utf8").catch(() => null);
    // Without a marker it is no throwaway, or one that is just being made.
    if (owner === null || owner === (await identity(Number.parseInt(owner, 10)))) continue;
    await endServer(directory);
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
    context.log(`removed a throwaway server that was left over: ${name}`);
  }
}

/**
 * Number, start in clock ticks and boot of a process: in a new container its number alone is soon another's. Field 22
 * of /proc/PID/stat, proc(5); the command before it may hold spaces.
 */
async function identity(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  const started = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "gone";
  const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => "");
  return `${pid} ${started} ${boot.trim()}`;
}

/** By the number in postmaster.pid, where it really is this directory's server. */
async function endServer(directory: string): Promise<void> {
  const file = await readFile(join(directory, "data/postmaster.pid"), "utf8").catch(() => "");
  const pid = Number.parseInt(file, 10);
  const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  if (!command.includes(join(directory, "data"))) return;
  try {
    process.kill(pid, "SIGQUIT");
  } catch {
    // Gone in the meantime.
  }
  for (let waited = 0; waited < 100; waited++) {
    if ((await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")) === "") return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
