import { Failure } from "../../errors.ts";
import type { AgentContext } from "../context.ts";
import type { DatabaseTarget } from "../engines/engine.ts";
import { engineOf } from "../engines/index.ts";
import { allMade, madeDatabases } from "./made-databases.ts";
import { finishSwaps, removeLeftovers } from "./restore-leftovers.ts";

/**
 * Brings to its end what a killed restore left on a target's server. Connects only where one left something; a server
 * that cannot be reached is logged, and left to the next time.
 */
export async function tidyProduction(target: DatabaseTarget, context: AgentContext): Promise<void> {
  if (!allMade(target, context).some(({ stage }) => stage !== "kept")) return;
  try {
    const server = await engineOf(target).connect(target, context);
    try {
      await finishSwaps(target, server, context);
      await removeLeftovers(target, server, context);
    } finally {
      await server.close();
    }
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    context.log(`what a killed restore of ${target.name} left could not be removed: ${error.message}`);
  }
}

/**
 * Before a backup: brings a swap to its end that a kill interrupted. Until then production may be without its triggers,
 * views, routines and events, and a backup of that would be taken for a good one.
 * @throws Failure `backup.half-restored` where that cannot be done now
 */
export async function finishRestores(target: DatabaseTarget, context: AgentContext): Promise<void> {
  const [half] = madeDatabases(target, context).filter(({ stage }) => stage === "swapping");
  if (half === undefined) return;
  try {
    const server = await engineOf(target).connect(target, context);
    await finishSwaps(target, server, context).finally(() => server.close());
  } catch (cause) {
    if (!(cause instanceof Failure) || context.signal.aborted) throw cause;
    throw new Failure(
      "backup.half-restored",
      `a restore of ${half.of} was interrupted while it took its place, and cannot be brought to its end: ${cause.message}`,
      { where: target.name, cause, ...(cause.detail === undefined ? {} : { detail: cause.detail }) },
    );
  }
}
