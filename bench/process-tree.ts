import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

export interface Measured {
  readonly code: number | null;
  /** Seconds of wall time. */
  readonly seconds: number;
  /** Most memory resident at once in the program and everything it started, in MB, as far as sampling sees it. */
  readonly peakMegabytes: number;
}

/**
 * Runs a program to its end, its output thrown away, and measures it.
 * @param options `sampleMs`: time between two looks at its memory. Each costs about 2 ms of a core, which is missed most
 * by what uses all of them.
 */
export async function measure(
  argv: readonly [string, ...string[]],
  options: {
    readonly cwd: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly sampleMs: number;
  },
): Promise<Measured> {
  const [program, ...rest] = argv;
  const began = performance.now();
  const child = spawn(program, rest, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: "ignore",
  });
  let peak = 0;
  const sampler = setInterval(() => {
    if (child.pid !== undefined) peak = Math.max(peak, residentOf(child.pid));
  }, options.sampleMs);
  const code = await new Promise<number | null>((resolve, reject) =>
    child.once("error", reject).once("close", resolve),
  );
  clearInterval(sampler);
  return { code, seconds: (performance.now() - began) / 1000, peakMegabytes: peak / 1024 };
}

/** Kilobytes resident in a process and its descendants (proc(5), VmRSS). */
export function residentOf(root: number): number {
  const processes = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(statusOf);
  const tree = new Set([root]);
  for (let grown = true; grown; ) {
    const before = tree.size;
    for (const { pid, parent } of processes) if (tree.has(parent)) tree.add(pid);
    grown = tree.size > before;
  }
  return processes.reduce((sum, { pid, resident }) => (tree.has(pid) ? sum + resident : sum), 0);
}

function statusOf(pid: string): { pid: number; parent: number; resident: number } {
  let status = "";
  try {
    status = readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    // It ended between the listing and the reading.
  }
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0);
  return { pid: Number(pid), parent: field("PPid"), resident: field("VmRSS") };
}
