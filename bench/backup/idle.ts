import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { residentOf } from "../process-tree.ts";
import type { Peer, Programs } from "./peers.ts";

/** Time after which the scheduler has settled. */
const SETTLED_MS = 20_000;

/** Memory resident in an agent that waits for its next run, in MB. */
export async function idleMegabytes(peer: Peer, programs: Programs, cwd: string): Promise<number> {
  const child = spawn(programs.node, [programs.agent, "schedule"], { cwd, env: peer.env, stdio: "ignore" });
  const ended = new Promise<void>((resolve, reject) =>
    child.once("error", reject).once("close", () => resolve()),
  );
  await sleep(SETTLED_MS);
  if (child.pid === undefined || child.exitCode !== null) throw new Error("the agent did not stay up");
  const resident = residentOf(child.pid);
  child.kill("SIGTERM");
  await ended;
  return resident / 1024;
}
