import { existsSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../../errors.ts";
import type { LedgerJob, LedgerRecord } from "../../model/ledger.ts";
import { writeWhole } from "../write-whole.ts";
import { hold, locksDirectory } from "./mutex.ts";
import type { Release } from "./mutex.ts";
import { isAlive, processId } from "./process.ts";
import type { ProcessId } from "./process.ts";

/** What runs under a lock: all that is needed to record it, should it die. */
export interface Running extends Pick<LedgerRecord, "job" | "target" | "repository" | "trigger"> {
  readonly since: string;
}

/** What runs, and by which process. */
export interface Holder extends Running {
  readonly process: ProcessId;
}

export interface Locked {
  /** The run that held it and died without giving it back; null: there was none. */
  readonly died: Running | null;
  release: Release;
}

/**
 * Takes the lock of a target (or, for jobs without one, of a repository). Failure `agent.busy` where a run holds it, of
 * this container or another one on the same state directory; one that died holds nothing.
 */
export async function takeLock(stateDirectory: string, running: Running): Promise<Locked> {
  const path = pathOf(stateDirectory, running);
  const release = await hold(stateDirectory, nameOf(running));
  if (release === null) throw busy(running, readHolder(path));
  try {
    const died = readHolder(path);
    const process_ = processId(process.pid);
    if (process_ !== null) writeWhole(path, `${JSON.stringify({ ...running, process: process_ })}\n`);
    return {
      died,
      release: async () => {
        rmSync(path, { force: true });
        await release();
      },
    };
  } catch (error) {
    await release();
    throw error;
  }
}

/** What runs in this container now, by this process or another. */
export function runningNow(stateDirectory: string): readonly Holder[] {
  return holders(stateDirectory).filter((holder) => isAlive(holder.process));
}

/** Whether a run holds its lock, in this container or another one. */
export async function anyRuns(stateDirectory: string): Promise<boolean> {
  for (const holder of holders(stateDirectory)) {
    const release = await hold(stateDirectory, nameOf(holder));
    if (release === null) return true;
    await release();
  }
  return false;
}

/** Does it where no run holds the subject's lock, and none begins before its end; nothing where one holds it. */
export async function whileFree(
  stateDirectory: string,
  subject: Pick<Running, "target" | "repository">,
  work: () => Promise<void>,
): Promise<void> {
  const release = await hold(stateDirectory, nameOf(subject));
  if (release === null) return;
  await work().finally(release);
}

/** Takes what runs that died left behind, each once over all processes. */
export async function takeDead(stateDirectory: string): Promise<readonly Running[]> {
  const taken: Running[] = [];
  for (const holder of holders(stateDirectory)) {
    const release = await hold(stateDirectory, nameOf(holder));
    if (release === null) continue;
    const path = pathOf(stateDirectory, holder);
    const died = readHolder(path);
    if (died !== null) taken.push(died);
    rmSync(path, { force: true });
    await release();
  }
  return taken;
}

function pathOf(stateDirectory: string, subject: Pick<Running, "target" | "repository">): string {
  return join(locksDirectory(stateDirectory), `${nameOf(subject)}.json`);
}

/** Of a file: names of targets and repositories are labels (policy schema) without a slash or a space. */
function nameOf({ target, repository }: Pick<Running, "target" | "repository">): string {
  return target === null ? `repository-${repository}` : `target-${target}`;
}

function holders(stateDirectory: string): readonly Holder[] {
  const directory = locksDirectory(stateDirectory);
  if (!existsSync(directory)) return [];
  const files = readdirSync(directory).filter((name) => name.endsWith(".json"));
  return files.flatMap((name) => readHolder(join(directory, name)) ?? []);
}

/** Null where nobody left anything that can be read: the file is written whole. */
function readHolder(path: string): Holder | null {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Holder;
  } catch {
    return null;
  }
}

const WORDS: Readonly<Record<LedgerJob, string>> = {
  backup: "a backup",
  check: "a check",
  drill: "a drill",
  prune: "a prune",
  restore: "a restore",
  init: "an init",
  unlock: "an unlock",
  retention: "a retention",
};

function busy(wanted: Running, holder: Holder | null): Failure {
  const subject = wanted.target ?? wanted.repository;
  if (holder === null) return new Failure("agent.busy", `another run on ${subject} has just begun`);
  const { job, since, trigger, process: by } = holder;
  const how = trigger.by === "schedule" ? "on schedule" : "by hand";
  return new Failure("agent.busy", `${WORDS[job]} of ${subject} runs since ${since}`, {
    where: `${isAlive(by) ? `process ${by.pid} of this container` : "another container of the agent"}, started ${how}`,
  });
}
