import { hostname } from "node:os";
import { Failure } from "../../errors.ts";
import type { RepositoryLock } from "../../model/agent-status.ts";
import { COMMANDS } from "../../tools/restic/commands.ts";
import { parseLock } from "../../tools/restic/listings.ts";
import { runTool } from "../../tools/run.ts";
import type { AgentContext } from "../context.ts";
import { BUSY } from "./alive.ts";
import type { Restic } from "./restic.ts";

/** restic counts a lock that nobody renewed for so long as stale (restic/internal/restic/lock.go, staleTimeout). */
const STALE_AFTER_MS = 30 * 60_000;

const SECONDS = 120;

/** Every lock in the repository. A lock that goes while they are read is left out. @throws Failure `repository.*` */
export async function readLocks(restic: Restic, context: AgentContext): Promise<readonly RepositoryLock[]> {
  const run = {
    toDo: "read its locks",
    otherwise: "repository.unreachable",
    seconds: SECONDS,
    lockless: true,
  } as const;
  const { stdout } = await restic.run(COMMANDS.lockIds(), run);
  const ids = stdout.split("\n").filter((line) => /^[0-9a-f]{64}$/.test(line));
  if (ids.length === 0) return [];
  const oursAreDead = await noneOfOursRuns(restic, context);
  const locks: RepositoryLock[] = [];
  for (const id of ids) {
    const text = await restic.run(COMMANDS.lock(id), { ...run, otherwise: "repository.failed" }).then(
      (result) => result.stdout,
      (error: unknown) => {
        if (error instanceof Failure && error.code === "repository.failed") return null;
        throw error;
      },
    );
    if (text === null) continue;
    const { time, exclusive, host, pid } = parseLock(text);
    const old = context.clock.now().getTime() - time.getTime() > STALE_AFTER_MS;
    const stale = old || (host === hostname() && oursAreDead);
    locks.push({ id, time: time.toISOString(), host, pid, exclusive, stale });
  }
  return locks;
}

/**
 * Removes stale locks: by restic's own rule, old ones and those of this host's name whose process is gone. The latter
 * says nothing of other containers of that name, so it is done only while no restic of ours runs anywhere.
 * @returns what was removed; nothing where a restic of ours is at work
 */
export async function removeStale(restic: Restic, context: AgentContext): Promise<readonly RepositoryLock[]> {
  const before = await readLocks(restic, context);
  if (!before.some(({ stale }) => stale)) return [];
  if (!(await unlockAlone(restic))) {
    context.log(`repository ${restic.name}: a restic of this agent is at work, so no lock is removed`);
    return [];
  }
  const left = new Set((await readLocks(restic, context)).map(({ id }) => id));
  return before.filter(({ id, stale }) => stale && !left.has(id));
}

/** After a run that was killed: removes the locks that it left. Nothing, and at no cost, where all ended by themselves. */
export async function recover(restic: Restic, context: AgentContext): Promise<void> {
  const marks = restic.alive.marks();
  if (marks.length === 0 || !(await unlockAlone(restic))) return;
  restic.alive.unmark(marks);
  context.log(`repository ${restic.name}: removed what locks a killed run had left`);
}

/**
 * Before a command that needs the repository to itself: a reader that was killed (a restore's dump) leaves a lock that
 * hinders only such commands, and no mark.
 */
export async function clearWay(restic: Restic): Promise<void> {
  await unlockAlone(restic);
}

async function unlockAlone(restic: Restic): Promise<boolean> {
  const alone = restic.alive.alone(restic.plain(COMMANDS.unlock()));
  const { result, failure } = await restic.attempt(alone, {
    toDo: "remove stale locks",
    otherwise: "repository.unreachable",
    seconds: SECONDS,
    lockless: true,
  });
  if (result.exitCode === BUSY) return false;
  if (failure !== null) throw failure;
  return true;
}

async function noneOfOursRuns(restic: Restic, { signal }: AgentContext): Promise<boolean> {
  const { exitCode } = await runTool(restic.alive.alone({ program: "true", argv: [], env: {} }), { signal });
  return exitCode === 0;
}
