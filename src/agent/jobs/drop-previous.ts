import type { AgentContext } from "../context.ts";
import type { DatabaseTarget } from "../engines/engine.ts";
import { engineOf } from "../engines/index.ts";
import { applicationDatabase, chooseDatabase } from "./choose-database.ts";
import type { JobResult } from "./job.ts";
import { allMade, strikeMade } from "./made-databases.ts";
import { requireConfirmation } from "./require-confirmation.ts";
import { dropMade } from "./restore-leftovers.ts";

export interface DropPreviousOptions {
  /** Null: the application's, or the only one that a restore replaced. */
  readonly database: string | null;
  /** What was typed: has to be the database's name. */
  readonly confirm: string;
}

/**
 * Removes what earlier restores kept of a database, and of its tables: only what they wrote down that they kept.
 * Restores nothing.
 * @throws Failure `restore.not-confirmed`, `restore.no-such-database`, `engine.*`
 */
export async function dropPrevious(
  target: DatabaseTarget,
  options: DropPreviousOptions,
  context: AgentContext,
): Promise<JobResult> {
  const kept = allMade(target, context).filter(({ stage }) => stage === "kept");
  if (kept.length === 0) return { outcome: "skipped", details: { reason: "nothing kept", dropped: [] } };
  const replaced = [...new Set(kept.map(({ of }) => of))];
  const database = chooseDatabase(replaced, options.database, applicationDatabase(target, context));
  requireConfirmation(target, database, options.confirm);
  const server = await engineOf(target).connect(target, context);
  try {
    const ours = kept.filter(({ of }) => of === database);
    for (const made of ours) {
      context.progress({ phase: `dropping ${made.name}` });
      await dropMade(server, made);
      strikeMade(target, [made.name], context);
    }
    return { outcome: "success", details: { database, dropped: ours.map(({ name }) => name) } };
  } finally {
    await server.close();
  }
}
