import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** Ends the server of a directory by the number in postmaster.pid, where that really is this directory's server. */
export async function endServer(directory: string): Promise<void> {
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
