import { measure } from "../process-tree.ts";
import { readFileSync } from "node:fs";

export interface Timed {
  readonly seconds: number;
  /** Of the program and everything that it waited for; the database server's own is not in it. */
  readonly cpuSeconds: number;
  readonly peakMegabytes: number;
}

const SAMPLE_MS = 500;

/**
 * Runs a command line of bash to its end. The shell knows the CPU of its children, which Node does not tell.
 * @throws Error when it exits with another status than 0.
 */
export async function timed(
  line: string,
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Promise<Timed> {
  const times = `${options.cwd}/times`;
  const script = `TIMEFORMAT='%U %S'; { time { ${line}; } 2>"$0.log" >&2; } 2>"$0"`;
  const { code, seconds, peakMegabytes } = await measure(["bash", "-o", "pipefail", "-c", script, times], {
    ...options,
    sampleMs: SAMPLE_MS,
  });
  const text = readFileSync(times, "utf8");
  if (code !== 0)
    throw new Error(`exit ${code}: ${line}\n${readFileSync(`${times}.log`, "utf8").slice(-2000)}`);
  const [user = 0, system = 0] = text.trim().split(/\s+/).map(Number);
  return { seconds, cpuSeconds: user + system, peakMegabytes };
}
