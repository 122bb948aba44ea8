import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { AgentContext } from "../context.ts";
import { holdFile, type Release } from "../target-lock/mutex.ts";

const LOCK = "lock";

/** The directory of a throwaway server. Its lock is held by this process: to no other one is it a leftover. */
export interface ThrowawayDirectory {
  readonly path: string;
  /** Removes it with all that is in it; safe to call several times. */
  remove(): Promise<void>;
}

/**
 * Makes it in the scratch directory, mode 0700. @param name begins as `removeLeftovers` is told, and is nobody else's
 * @throws Failure `agent.no-lock`
 */
export async function makeThrowawayDirectory(
  name: string,
  { scratchDirectory }: Pick<AgentContext, "scratchDirectory">,
): Promise<ThrowawayDirectory> {
  const path = join(scratchDirectory, name);
  // It gets its name once its lock is held: before that it would be a leftover.
  const unnamed = join(scratchDirectory, `new-${name}`);
  let release: Release | null = null;
  try {
    await mkdir(unnamed, { recursive: true, mode: 0o700 });
    release = await holdFile(join(unnamed, LOCK), "ax");
    await rename(unnamed, path);
    const held = release;
    return {
      path,
      remove: async () => {
        await rm(path, { recursive: true, force: true, maxRetries: 3 });
        await held?.();
      },
    };
  } catch (error) {
    await release?.();
    await rm(unnamed, { recursive: true, force: true });
    throw error;
  }
}

/**
 * Removes the directories, of names that begin so, whose process is gone, as after a crash: nobody holds their locks, in
 * whatever container on this scratch directory.
 * @param endServer ends the server of a directory, where it still runs
 */
export async function removeLeftovers(
  prefix: string,
  endServer: (directory: string) => Promise<void>,
  { scratchDirectory, log }: Pick<AgentContext, "scratchDirectory" | "log">,
): Promise<void> {
  const names = await readdir(scratchDirectory).catch(() => []);
  for (const name of names.filter((found) => found.startsWith(prefix))) {
    const directory = join(scratchDirectory, name);
    const release = await holdFile(join(directory, LOCK), "r+");
    if (release === null) continue;
    try {
      // Another one removed it meanwhile: this was the lock of a file that is gone.
      if (!existsSync(join(directory, LOCK))) continue;
      await endServer(directory);
      await rm(directory, { recursive: true, force: true, maxRetries: 3 });
      log(`removed a throwaway server that was left over: ${name}`);
    } finally {
      await release();
    }
  }
}
