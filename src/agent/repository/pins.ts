import { mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { AgentContext } from "../context.ts";
import { isAlive, type ProcessId, processId } from "../target-lock/process.ts";
import { writeWhole } from "../write-whole.ts";

/** A restore, or a drill, of a container that cannot be looked into has ended after so long. */
const FOREIGN_HOURS = 24;

interface Pin {
  readonly process: ProcessId;
  /** The process numbers of another container mean nothing here. */
  readonly namespace: string;
  readonly snapshots: readonly string[];
}

/**
 * Keeps retention from forgetting these snapshots as long as this process lives, for who restores them.
 * @returns ends it; safe to call several times
 */
export function pin(snapshotIds: readonly string[], context: AgentContext): () => void {
  const path = join(directoryOf(context), `${context.randomHex(8)}.json`);
  const process_ = processId(process.pid);
  if (process_ === null) return () => {};
  const made: Pin = { process: process_, namespace: namespace(), snapshots: snapshotIds };
  writeWhole(path, `${JSON.stringify(made)}\n`);
  return () => rmSync(path, { force: true });
}

/** The snapshots that somebody restores just now. Pins of processes that died are removed. */
export function pinned(context: AgentContext): ReadonlySet<string> {
  const directory = directoryOf(context);
  const ids = new Set<string>();
  for (const name of readdirSync(directory).filter((entry) => entry.endsWith(".json"))) {
    const path = join(directory, name);
    const made = read(path);
    if (made === null) continue;
    if (holds(made, path, context)) for (const id of made.snapshots) ids.add(id);
    else rmSync(path, { force: true });
  }
  return ids;
}

function holds(made: Pin, path: string, { clock }: AgentContext): boolean {
  if (made.namespace === namespace()) return isAlive(made.process);
  const since = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return clock.now().getTime() - since < FOREIGN_HOURS * 3_600_000;
}

/** Null where it went in the meantime. */
function read(path: string): Pin | null {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Pin;
  } catch {
    return null;
  }
}

function namespace(): string {
  return readlinkSync("/proc/self/ns/pid");
}

function directoryOf({ stateDirectory }: AgentContext): string {
  const directory = join(stateDirectory, "pins");
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return directory;
}
