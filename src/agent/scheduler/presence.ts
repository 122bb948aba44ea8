import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../../errors.ts";
import { hold } from "../target-lock/mutex.ts";
import type { Release } from "../target-lock/mutex.ts";
import { isAlive, processId } from "../target-lock/process.ts";
import type { ProcessId } from "../target-lock/process.ts";
import { writeWhole } from "../write-whole.ts";

interface Presence {
  readonly since: string;
  readonly process: ProcessId;
}

/** Makes this process the scheduler of the state directory. Failure `agent.scheduling` where another one is. */
export async function becomeScheduler(stateDirectory: string, now: Date): Promise<Release> {
  const release = await hold(stateDirectory, "scheduler");
  if (release === null)
    throw new Failure("agent.scheduling", "another scheduler works on this state directory");
  const path = pathOf(stateDirectory);
  const id = processId(process.pid);
  if (id !== null) writeWhole(path, `${JSON.stringify({ since: now.toISOString(), process: id })}\n`);
  return async () => {
    rmSync(path, { force: true });
    await release();
  };
}

/** Since when the scheduler runs, by ISO time; null: none does. */
export function schedulingSince(stateDirectory: string): string | null {
  try {
    const presence = JSON.parse(readFileSync(pathOf(stateDirectory), "utf8")) as Presence;
    return isAlive(presence.process) ? presence.since : null;
  } catch {
    return null;
  }
}

function pathOf(stateDirectory: string): string {
  return join(stateDirectory, "scheduler.json");
}
