import type { AgentRepository } from "../../model/agent-policy.ts";
import type { AgentContext } from "../context.ts";
import { readKnown, remember } from "../repository/known.ts";
import { openRepository } from "../repository/open.ts";
import type { RunIdentity } from "./run-tags.ts";

/** As long as a container that is told to stop may take for it. */
const CLEANUP_MS = 20_000;

/**
 * Does the work of a run, and forgets every snapshot of that run again where it fails or is told to stop: half a run
 * must not become "latest". Snapshots that cannot be forgotten yet are remembered as unfit: they are in no listing, and go
 * with the next backup.
 * @throws what the work throws.
 */
export async function orForgetRun<T>(
  identity: RunIdentity,
  spec: AgentRepository,
  context: AgentContext,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await forgetRun(identity, spec, context).catch((failed: Error) =>
      context.log(`what run ${identity.run} had stored could not be forgotten: ${failed.message}`),
    );
    throw error;
  }
}

async function forgetRun(
  { target, run }: RunIdentity,
  spec: AgentRepository,
  context: AgentContext,
): Promise<void> {
  // The work's own signal may be what ended it.
  const repository = openRepository(spec, { ...context, signal: AbortSignal.timeout(CLEANUP_MS) });
  const ours = (await repository.snapshots()).filter((one) => one.run === run && one.target === target.name);
  if (ours.length === 0) return;
  const ids = ours.map(({ id }) => id);
  const unfit = () => readKnown(context.stateDirectory, spec.name).unfit;
  remember(context.stateDirectory, spec.name, { unfit: [...unfit(), ...ids] });
  await repository.forget(ids);
  remember(context.stateDirectory, spec.name, { unfit: unfit().filter((id) => !ids.includes(id)) });
  context.log(`forgot the ${ours.length} snapshots of run ${run}, which is not complete`);
}
