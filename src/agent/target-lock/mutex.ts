import { closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../../errors.ts";
import { runTool } from "../../tools/run.ts";

/** Ends what `hold` began; safe to call several times. */
export type Release = () => Promise<void>;

/** flock's exit status where another one holds the lock. */
const HELD = 75;

/**
 * Holds a name for this process among all that have the state directory, in this container or another one on the same
 * volume; null: another one holds it. It is a flock(2) on a file, which is never deleted. The kernel keeps it with the
 * file as it was opened, so flock(1) takes it on our descriptor and ends; it goes when that is closed, which is when
 * this process dies, however it dies. No program that this one starts has the descriptor, so none that outlives it
 * keeps the lock. Nothing is ever stale, and no process number is looked at.
 * @param patienceSeconds how long it waits for who holds it
 * @throws Failure `agent.no-lock`
 */
export async function hold(
  stateDirectory: string,
  name: string,
  patienceSeconds = 0,
): Promise<Release | null> {
  const directory = locksDirectory(stateDirectory);
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw noLock(directory, (cause as Error).message, cause);
  }
  return await holdFile(join(directory, `${name}.flock`), "a", patienceSeconds);
}

/**
 * Holds a file in the same way; null also where it is not there, and is not to be made.
 * @param flags of open(2): `a` makes it, `ax` makes it anew, `r+` does not. For writing: NFS gives no exclusive lock
 * otherwise.
 * @throws Failure `agent.no-lock`
 */
export async function holdFile(
  path: string,
  flags: "a" | "ax" | "r+",
  patienceSeconds = 0,
): Promise<Release | null> {
  const file = openFile(path, flags);
  if (file === null) return null;
  const held = await lock(file, patienceSeconds, path).catch((error: unknown) => {
    closeSync(file);
    throw error;
  });
  let open = true;
  const close = (): void => {
    // The number may be another file's by the second time.
    if (open) closeSync(file);
    open = false;
  };
  if (held) return async () => close();
  close();
  return null;
}

/** Where locks are, and what runs under them is told. */
export function locksDirectory(stateDirectory: string): string {
  return join(stateDirectory, "locks");
}

function openFile(path: string, flags: string): number | null {
  try {
    return openSync(path, flags, 0o600);
  } catch (cause) {
    if (flags === "r+" && (cause as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw noLock(path, (cause as Error).message, cause);
  }
}

async function lock(file: number, patienceSeconds: number, path: string): Promise<boolean> {
  const argv = ["--conflict-exit-code", String(HELD), "--timeout", String(patienceSeconds), "3"];
  const { exitCode, spawnError, stderr } = await runTool(
    { program: "flock", argv, env: {} },
    // What it waits for is bounded, and a run that is told to stop has its end to record yet.
    { signal: new AbortController().signal, descriptor: file },
  );
  if (exitCode === 0) return true;
  if (exitCode === HELD) return false;
  throw noLock(path, spawnError === null ? stderr.trim() : `flock: ${spawnError}`);
}

function noLock(where: string, why: string, cause?: unknown): Failure {
  return new Failure("agent.no-lock", `no lock can be taken: ${why}`, {
    where,
    cause,
  });
}
