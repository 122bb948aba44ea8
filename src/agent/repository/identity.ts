import { Failure } from "../../errors.ts";
import { COMMANDS } from "../../tools/restic/commands.ts";
import { parseRepositoryId } from "../../tools/restic/listings.ts";
import type { AgentContext } from "../context.ts";
import { saysNoBucket } from "./failures.ts";
import { readKnown, remember } from "./known.ts";
import type { Restic } from "./restic.ts";

/** A storage that is there answers long before; restic alone would wait for 15 minutes. */
const OPEN_SECONDS = 60;

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

/** Makes it where it is absent and never was there; its id in any case. @throws Failure `repository.*` */
export async function initUnlessKnown(restic: Restic, context: AgentContext): Promise<string> {
  try {
    return await openKnown(restic, context);
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== "repository.absent") throw error;
  }
  // Another agent may make it at the same moment: restic refuses then, and it is there.
  const { failure } = await restic.attempt(restic.tool(COMMANDS.init()), {
    toDo: "make it",
    otherwise: "repository.unreachable",
    seconds: 2 * OPEN_SECONDS,
  });
  try {
    return await openKnown(restic, context);
  } catch (error) {
    throw failure ?? error;
  }
}

function asLost(error: unknown, id: string, name: string): unknown {
  if (!(error instanceof Failure) || error.code !== "repository.absent") return error;
  return new Failure("repository.lost", `repository ${id.slice(0, 10)} is gone: ${error.message}`, {
    where: `repository ${name}`,
    ...(error.detail === undefined ? {} : { detail: error.detail }),
    cause: error,
  });
}
