import { Failure } from "../../errors.ts";
import type { AgentContext } from "../context.ts";
import type { DatabaseTarget, Server } from "../engines/engine.ts";
import { type MadeDatabase, madeDatabases, noteMade, strikeMade } from "./made-databases.ts";

/** Drops the databases that a killed restore left beside production. Never one that we did not write down as ours. */
export async function removeLeftovers(
  target: DatabaseTarget,
  server: Server,
  context: AgentContext,
): Promise<void> {
  for (const { name, of } of madeDatabases(target, context).filter(({ stage }) => stage === "restored")) {
    await server.drop(name);
    strikeMade(target, [name], context);
    context.log(`removed ${name}, which a restore of ${of} had left`);
  }
}

/**
 * Brings swaps to their end that a kill interrupted: an engine that cannot rename a database as a whole may have left
 * production half exchanged. Where that is refused, the restored database becomes a leftover; and so it does where the engine swaps
 * at once, as that swap did not happen: what was written to production since then is not to be put aside.
 */
export async function finishSwaps(
  target: DatabaseTarget,
  server: Server,
  context: AgentContext,
): Promise<void> {
  for (const made of madeDatabases(target, context).filter(({ stage }) => stage === "swapping")) {
    if (await isNotBegun(made, server)) {
      if (server.swapsAtOnce === "copying") await noteKept(target, server, made, context);
      noteMade(target, { ...made, stage: "restored", keptAs: null }, context);
      context.log(`the restore of ${made.of} did not take its place: that of now stays`);
      continue;
    }
    context.log(
      `the restore of ${made.of} was interrupted while it took its place: bringing that to its end`,
    );
    await swapIn(target, server, made, context).catch((error) => {
      if (!isRefused(error)) throw error;
      context.log(`${made.name} is not wanted any more: ${error.message}`);
    });
  }
}

/**
 * Puts a restored database in its place. The one that was there is written down as kept, or the restored one as a
 * leftover where the server refuses.
 * @param made of stage `swapping`
 * @throws Failure `restore.swap-refused`
 */
export async function swapIn(
  target: DatabaseTarget,
  server: Server,
  made: MadeDatabase,
  context: AgentContext,
): Promise<void> {
  const { name, of, keptAs } = made;
  if (keptAs === null) throw new Failure("internal.bug", `${name} has no name to keep ${of} as`);
  noteMade(target, made, context);
  try {
    await server.swap(name, of, keptAs);
  } catch (error) {
    if (isRefused(error)) noteMade(target, { ...made, stage: "restored", keptAs: null }, context);
    throw error;
  }
  await noteKept(target, server, made, context);
  strikeMade(target, [name], context);
}

/** Where production has no such database, the restored one may be all there is: that swap is brought to its end. */
async function isNotBegun({ name, of }: MadeDatabase, server: Server): Promise<boolean> {
  if (server.swapsAtOnce === undefined) return false;
  const databases = await server.databases();
  return databases.includes(name) && databases.includes(of);
}

/** None where production had no such database; under a further name where a swap went on after a kill. */
async function noteKept(
  target: DatabaseTarget,
  server: Server,
  { of, keptAs, at }: MadeDatabase,
  context: AgentContext,
): Promise<void> {
  const kept = (await server.databases()).filter((one) => one === keptAs || one.startsWith(`${keptAs}_`));
  for (const one of kept) noteMade(target, { name: one, of, stage: "kept", keptAs: null, at }, context);
}

function isRefused(error: unknown): error is Failure {
  return error instanceof Failure && error.code === "restore.swap-refused";
}
