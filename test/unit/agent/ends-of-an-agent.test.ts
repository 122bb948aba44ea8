import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { endOfRunsByHand } from "../../../src/agent/scheduler/by-hand.ts";
import { emptyScratch } from "../../../src/agent/scheduler/clean-up.ts";
import { whileFree } from "../../../src/agent/target-lock/target-lock.ts";
import { aStateDirectory } from "./a-state-directory.ts";

const DB = { target: "db", repository: "offsite" };

async function aHolder(stateDirectory: string, by: "hand" | "schedule"): Promise<ChildProcess> {
  const script = fileURLToPath(new URL("./hold-a-lock.ts", import.meta.url));
  const child = spawn(process.execPath, [script, stateDirectory, by], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child.stdout, "data");
  return child;
}

test("a start empties the scratch directory, but not under a job that runs", async () => {
  const stateDirectory = aStateDirectory();
  const scratchDirectory = aStateDirectory();
  const lines: string[] = [];
  const agent = { stateDirectory, scratchDirectory, log: (line: string) => void lines.push(line) };
  mkdirSync(join(scratchDirectory, "pg-1/data"), { recursive: true });
  writeFileSync(join(scratchDirectory, "restore-1.pgdump"), "dump");
  mkdirSync(join(scratchDirectory, "lost+found"));
  const holder = await aHolder(stateDirectory, "schedule");
  await emptyScratch(agent);
  expect(readdirSync(scratchDirectory)).toHaveLength(3);
  holder.kill("SIGKILL");
  await once(holder, "exit");
  await emptyScratch(agent);
  expect(readdirSync(scratchDirectory)).toEqual(["lost+found"]);
  expect(lines).toHaveLength(2);
});

test("what needs a target for itself is not done while a run holds it", async () => {
  const stateDirectory = aStateDirectory();
  const done: string[] = [];
  const work = async () => void done.push("done");
  const holder = await aHolder(stateDirectory, "hand");
  await whileFree(stateDirectory, DB, work);
  expect(done).toEqual([]);
  holder.kill("SIGKILL");
  await once(holder, "exit");
  await whileFree(stateDirectory, DB, work);
  await whileFree(stateDirectory, DB, work);
  expect(done).toEqual(["done", "done"]);
});

test("a run by hand is waited for, and told to stop once the grace is over", async () => {
  const stateDirectory = aStateDirectory();
  const abort = new AbortController();
  const agent = { stateDirectory, signal: abort.signal, log: () => {} };
  await endOfRunsByHand(agent);
  const holder = await aHolder(stateDirectory, "hand");
  const exit = once(holder, "exit");
  let ended = false;
  const end = endOfRunsByHand(agent).then(() => {
    ended = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 1200));
  expect({ ended, exit: holder.exitCode }).toEqual({ ended: false, exit: null });
  abort.abort();
  await end;
  expect(await exit).toEqual([null, "SIGTERM"]);
});
