import type { AgentContext } from "../context.ts";
import type { DatabaseTarget } from "../engines/engine.ts";
import { engineOf } from "../engines/index.ts";
import { applicationDatabase, chooseDatabase } from "./choose-database.ts";
import type { JobResult } from "./job.ts";
import { madeDatabases, strikeMade } from "./made-databases.ts";
import { requireConfirmation } from "./require-confirmation.ts";

export interface DropPreviousOptions {
  /** Null: the application's, or the only one that a restore replaced. */
  readonly database: string | null;
  /** What was typed: has to be the database's name. */
  readonly confirm: string;
}

/**
 * Removes what earlier restores kept of a database: only what they wrote down that they kept. Restores nothing.
 * @throws Failure `restore.not-confirmed`, `restore.no-such-database`
 */
export async function dropPrevious(
  target: DatabaseTarget,
  options: DropPreviousOptions,
  context: AgentContext,
): Promise<JobResult> {
  const kept = madeDatabases(target, context).filter(({ stage }) => stage === "kept");
  if (kept.length === 0) return { outcome: "skipped", details: { dropped: [] } };
  const replaced = [...new Set(kept.map(({ of }) => of))];
  const database = chooseDatabase(replaced, options.database, applicationDatabase(target, context));
  requireConfirmation(target, database, options.confirm);
  const server = await engineOf(target).connect(target, context);
  try {
    const names = kept.filter(({ of }) => of === database).map(({ name }) => name);
    for (const name of names) {
      context.progress({ phase: `dropping ${name}` });
      await server.drop(name);
      strikeMade(target, [name], context);
    }
    return { outcome: "success", details: { database, dropped: names } };
  } finally {
    await server.close();
  }
}
