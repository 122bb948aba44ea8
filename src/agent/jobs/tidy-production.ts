import { Failure } from "../../errors.ts";
import type { AgentContext } from "../context.ts";
import type { DatabaseTarget } from "../engines/engine.ts";
import { engineOf } from "../engines/index.ts";
import { madeDatabases } from "./made-databases.ts";
import { finishSwaps, removeLeftovers } from "./restore-leftovers.ts";

/**
 * Brings to its end what a killed restore left on a target's server. Connects only where one left something; a server
 * that cannot be reached is logged, and left to the next time.
 */
export async function tidyProduction(target: DatabaseTarget, context: AgentContext): Promise<void> {
  if (!madeDatabases(target, context).some(({ stage }) => stage !== "kept")) return;
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
