import { Failure } from "../../errors.ts";
import type { AgentContext } from "../context.ts";
import type { DatabaseTarget, Server } from "../engines/engine.ts";
import { allMade, type MadeDatabase, madeDatabases, noteMade, strikeMade } from "./made-databases.ts";

/**
 * Drops what a killed restore left beside production: databases, and schemas in the live one. Never one that we did not
 * write down as ours.
 */
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
  for (const made of allMade(target, context).filter(({ isSchema }) => isSchema)) {
    // A kill came before it was made.
    if (!(await isThere(server, made))) strikeMade(target, [made.name], context);
    else if (made.stage === "restored") await removeSchema(target, server, made, context);
  }
}

/** What somebody built upon it since then is no reason to do nothing else. */
async function removeSchema(
  target: DatabaseTarget,
  server: Server,
  made: MadeDatabase,
  context: AgentContext,
): Promise<void> {
  try {
    await server.dropSchema?.(made.of, made.name);
    strikeMade(target, [made.name], context);
    context.log(`removed the schema ${made.name} in ${made.of}, which a restore had left`);
  } catch (error) {
    if (!(error instanceof Failure) || context.signal.aborted) throw error;
    context.log(`the schema ${made.name} in ${made.of} could not be removed: ${error.message}`);
  }
}

/** Drops a database or a schema that a restore made; absent is fine. */
export async function dropMade(server: Server, made: MadeDatabase): Promise<void> {
  if (made.isSchema !== true) await server.drop(made.name);
  else if (await isThere(server, made)) await server.dropSchema?.(made.of, made.name);
}

/** Of a schema: its database may be gone, too. */
async function isThere(server: Server, { name, of }: MadeDatabase): Promise<boolean> {
  if (!(await server.databases()).includes(of)) return false;
  return (await server.schemas?.(of))?.includes(name) === true;
}

/**
 * Brings swaps to their end that a kill interrupted: an engine that cannot rename a database as a whole may have left
 * production half exchanged. One that changed no data is not begun now, as what was written to production since then is
 * not to be put aside: the restored database becomes a leftover.
 */
export async function finishSwaps(
  target: DatabaseTarget,
  server: Server,
  context: AgentContext,
): Promise<void> {
  for (const made of madeDatabases(target, context).filter(({ stage }) => stage === "swapping")) {
    if (await isTakenBack(made, server)) {
      await noteUndone(target, server, made, "restored", context);
      context.log(`the restore of ${made.of} did not take its place: that of now stays`);
      continue;
    }
    context.log(
      `the restore of ${made.of} was interrupted while it took its place: bringing that to its end`,
    );
    await swapIn(target, server, made, context).catch((error) => {
      if (!isRefused(error)) throw error;
      context.log(`${made.name} cannot take the place of ${made.of}: ${error.message}`);
    });
  }
}

/**
 * Puts a restored database in its place. The one that was there is written down as kept; where the server refuses,
 * the restored one, as somebody may want to look at it; it is a leftover where anything else failed before the tables
 * were moved.
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
    // Where the server cannot say it now, the next restore, drill or backup asks again.
    const isUndone =
      (isRefused(error) && server.takeBackSwap === undefined) ||
      (await isTakenBack(made, server).catch(() => false));
    if (isUndone) await noteUndone(target, server, made, isRefused(error) ? "kept" : "restored", context);
    throw error;
  }
  await noteKept(target, server, made, context);
  strikeMade(target, [name], context);
}

/** Where production has no such database, the restored one may be all there is: that swap is brought to its end. */
async function isTakenBack({ name, of, keptAs }: MadeDatabase, server: Server): Promise<boolean> {
  if (server.takeBackSwap !== undefined) return await server.takeBackSwap(name, of, keptAs ?? "");
  const databases = await server.databases();
  return databases.includes(name) && databases.includes(of);
}

/** A copy of the old database may be there already. */
async function noteUndone(
  target: DatabaseTarget,
  server: Server,
  made: MadeDatabase,
  stage: "restored" | "kept",
  context: AgentContext,
): Promise<void> {
  if (server.swapsAtOnce === "copying") await noteKept(target, server, made, context);
  noteMade(target, { ...made, stage, keptAs: null }, context);
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
