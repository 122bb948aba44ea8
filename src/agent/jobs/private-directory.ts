import { mkdir, mkdtemp, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../../errors.ts";
import { showBytes } from "../../model/bytes.ts";
import type { AgentContext } from "../context.ts";

/** Works in a new directory of mode 0700 in the scratch directory, which is removed afterwards in any case. */
export async function inPrivateDirectory<T>(
  name: string,
  context: AgentContext,
  work: (directory: string) => Promise<T>,
): Promise<T> {
  await mkdir(context.scratchDirectory, { recursive: true });
  const directory = await mkdtemp(join(context.scratchDirectory, `${name}-`));
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Failure `backup.no-room` where the scratch directory has less than that free. */
export async function requireScratch(bytes: number, context: AgentContext): Promise<void> {
  await mkdir(context.scratchDirectory, { recursive: true });
  const { bavail, bsize } = await statfs(context.scratchDirectory);
  if (bavail * bsize >= bytes) return;
  throw new Failure(
    "backup.no-room",
    `the scratch directory has ${showBytes(bavail * bsize)} free, and the backup needs ${showBytes(bytes)}`,
    { where: context.scratchDirectory },
  );
}
