import { Failure } from "../../errors.ts";
import { COMMANDS } from "../../tools/restic/commands.ts";
import { parseRepositoryId } from "../../tools/restic/listings.ts";
import type { AgentContext } from "../context.ts";
import { saysNoBucket } from "./failures.ts";
import { readKnown, remember } from "./known.ts";
import type { Restic } from "./restic.ts";

/** A storage that is there answers long before; restic alone would wait for 15 minutes. */
const OPEN_SECONDS = 60;

/** How long another agent's init may take from its key to its config. */
const OTHERS_INIT_SECONDS = 30;

/** By how much another agent's init may take longer than ours. */
const SLOWER_MS = 5000;

/** The id of the repository, without comparing it with the one that was recorded. @throws Failure `repository.*` */
export async function askId(restic: Restic, seconds: number): Promise<string> {
  const run = {
    toDo: "open it",
    otherwise: "repository.unreachable",
    seconds,
    lockless: true,
    isVain: saysNoBucket,
  } as const;
  const { stdout } = await restic.run(COMMANDS.config(), run);
  const id = parseRepositoryId(stdout);
  if (id === null)
    throw new Failure("repository.failed", "restic shows no id of it", {
      where: `repository ${restic.name}`,
    });
  return id;
}

/** Opens it, and records its id the first time. @throws Failure `repository.*`, see `Repository.open` */
export async function openKnown(restic: Restic, context: AgentContext): Promise<string> {
  const known = readKnown(context.stateDirectory, restic.name);
  const id = await askId(restic, OPEN_SECONDS).catch((error: unknown) => {
    throw known.id !== null ? asLost(error, known.id, restic.name) : error;
  });
  if (known.id === null) remember(context.stateDirectory, restic.name, { id });
  else if (known.id !== id) {
    throw new Failure(
      "repository.other",
      `it is repository ${id.slice(0, 10)}, and was ${known.id.slice(0, 10)}`,
      {
        where: `repository ${restic.name}`,
      },
    );
  }
  return id;
}

/**
 * Makes it where it is absent and never was there; its id in any case. restic looks whether one is there, takes about a
 * second to derive a key, and stores the config last: of two that make one at once both say that they did, and the
 * later config stays. So nothing is recorded, nor stored by who waits for this, before as much time has gone by again:
 * who looked before ours was there has ended then.
 * @throws Failure `repository.*`
 */
export async function initUnlessKnown(restic: Restic, context: AgentContext): Promise<string> {
  try {
    return await openKnown(restic, context);
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
  const { clock, signal } = context;
  const began = clock.now().getTime();
  const { failure } = await restic.attempt(restic.tool(COMMANDS.init()), {
    toDo: "make it",
    otherwise: "repository.unreachable",
    seconds: 2 * OPEN_SECONDS,
  });
  if (failure === null) await clock.sleep(clock.now().getTime() - began + SLOWER_MS, signal);
  for (let left = failure?.code === "repository.half-made" ? OTHERS_INIT_SECONDS : 0; ; left -= 1) {
    try {
      return await openKnown(restic, context);
    } catch (error) {
      if (!isAbsent(error)) throw error;
      if (left <= 0 || signal.aborted) throw failure ?? error;
    }
    await clock.sleep(1000, signal);
  }
}

function isAbsent(error: unknown): error is Failure {
  return error instanceof Failure && error.code === "repository.absent";
}

function asLost(error: unknown, id: string, name: string): unknown {
  if (!isAbsent(error)) return error;
  return new Failure("repository.lost", `repository ${id.slice(0, 10)} is gone: ${error.message}`, {
    where: `repository ${name}`,
    ...(error.detail === undefined ? {} : { detail: error.detail }),
    cause: error,
  });
}
