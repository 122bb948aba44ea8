import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** Ends the server of a directory, where the process of its number really is this directory's server. */
export async function endServer(directory: string): Promise<void> {
  const pid = Number.parseInt(await read(join(directory, "server.pid")), 10);
  // The id may be another process's by now.
  if (pid > 1 && (await read(`/proc/${pid}/cmdline`)).includes(`--datadir=${directory}/`))
    process.kill(pid, "SIGKILL");
}

async function read(path: string): Promise<string> {
  return await readFile(path, "utf8").catch(() => "");
}
