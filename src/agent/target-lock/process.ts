import { readFileSync } from "node:fs";

/** A process as nothing else ever is called: its number may be given again, not with the same start. */
export interface ProcessId {
  readonly pid: number;
  /** Boot of the machine, and clock ticks from there to the start of the process. */
  readonly start: string;
}

/** Of a process that runs in this container; null: there is none of that number. */
export function processId(pid: number): ProcessId | null {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // proc_pid_stat(5): field 22, counted behind the command's name, which may hold spaces and brackets.
    const ticks = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
    return { pid, start: `${boot}:${ticks}` };
  } catch {
    return null;
  }
}

export function isAlive({ pid, start }: ProcessId): boolean {
  return processId(pid)?.start === start;
}
