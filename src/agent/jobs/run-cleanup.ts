import type { AgentRepository } from "../../model/agent-policy.ts";
import type { AgentContext } from "../context.ts";
import { readKnown, remember } from "../repository/known.ts";
import { openRepository } from "../repository/open.ts";
import type { Repository, Stored } from "../repository/repository.ts";
import type { RunIdentity } from "./run-tags.ts";

/** What a process has stored, and tried to store, of its run. */
export interface Written {
  readonly ids: string[];
  /** Backed up by path. */
  readonly paths: string[];
}

/** The repository, noting in `written` whatever is stored through it. */
export function noting(repository: Repository, written: Written): Repository {
  const note = (stored: Stored): Stored => {
    written.ids.push(stored.snapshotId);
    return stored;
  };
  return {
    ...repository,
    backupStream: async (...args) => note(await repository.backupStream(...args)),
    backupPaths: async (paths, tags) => {
      written.paths.push(...paths);
      return note(await repository.backupPaths(paths, tags));
    },
  };
}

/** As long as a container that is told to stop may take for it. */
const CLEANUP_MS = 20_000;

/**
 * Does the work of a run, and forgets what it stored again where it fails or is told to stop: half a run must not become
 * "latest". Another agent's snapshots stay, whatever run they say they are of. Snapshots that cannot be forgotten yet are remembered as unfit: they are in no listing, and go
 * with the next backup.
 * @throws what the work throws.
 */
export async function orForgetRun<T>(
  identity: RunIdentity,
  written: Written,
  spec: AgentRepository,
  context: AgentContext,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await forgetRun(identity, written, spec, context).catch((failed: Error) =>
      context.log(`what run ${identity.run} had stored could not be forgotten: ${failed.message}`),
    );
    throw error;
  }
}

async function forgetRun(
  { target, run }: RunIdentity,
  { ids: stored, paths }: Written,
  spec: AgentRepository,
  context: AgentContext,
): Promise<void> {
  // The work's own signal may be what ended it.
  const repository = openRepository(spec, { ...context, signal: AbortSignal.timeout(CLEANUP_MS) });
  const ours = (await repository.snapshots()).filter(
    (one) =>
      stored.includes(one.id) ||
      // A record that restic stored and could not say so: its directory was this process's alone. Left, it would complete a
      // run without dumps.
      (one.run === run &&
        one.target === target.name &&
        one.type === "globals" &&
        one.paths.some((path) => paths.includes(path))),
  );
  if (ours.length === 0) return;
  const ids = ours.map(({ id }) => id);
  const unfit = () => readKnown(context.stateDirectory, spec.name).unfit;
  remember(context.stateDirectory, spec.name, { unfit: [...unfit(), ...ids] });
  await repository.forget(ids);
  remember(context.stateDirectory, spec.name, { unfit: unfit().filter((id) => !ids.includes(id)) });
  context.log(`forgot the ${ours.length} snapshots of run ${run}, which is not complete`);
}
