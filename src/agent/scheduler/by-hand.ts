import { setTimeout as wait } from "node:timers/promises";
import type { AgentContext } from "../context.ts";
import { runningNow } from "../target-lock/target-lock.ts";

const LOOK_MS = 500;

/**
 * Resolves when nothing runs any more that somebody began by hand in this container: it would die with the scheduler,
 * which is what keeps the container. It has the grace that jobs on schedule have, and is told to stop after it.
 */
export async function endOfRunsByHand({
  stateDirectory,
  signal,
  log,
}: Pick<AgentContext, "stateDirectory" | "signal" | "log">): Promise<void> {
  const told = new Set<number>();
  const waitedFor = new Set<number>();
  for (;;) {
    const running = runningNow(stateDirectory).filter(({ trigger }) => trigger.by === "hand");
    if (running.length === 0) return;
    for (const { job, target, repository, process: by } of running) {
      if (!waitedFor.has(by.pid)) log(`${job} ${target ?? repository} runs by hand: waiting for its end`);
      waitedFor.add(by.pid);
      if (!signal.aborted || told.has(by.pid)) continue;
      told.add(by.pid);
      interrupt(by.pid);
    }
    await wait(LOOK_MS);
  }
}

function interrupt(pid: number): void {
  try {
    process.kill(pid, "SIGTERM");
  } catch {
    // Gone in the meantime.
  }
}
