import { Failure } from "../../errors.ts";
import type { AgentRepository } from "../../model/agent-policy.ts";
import type { RepositoryStatus } from "../../model/agent-status.ts";
import type { AgentContext } from "../context.ts";
import { askId } from "./identity.ts";
import { readKnown } from "./known.ts";
import { readLocks } from "./locks.ts";
import { resticOf } from "./restic.ts";

const SECONDS = 10;

/** See `Repository.probe`. */
export async function probeRepository(
  repository: AgentRepository,
  context: AgentContext,
): Promise<RepositoryStatus> {
  const { name } = repository;
  const expected_id = readKnown(context.stateDirectory, name).id;
  // One bound for all that is asked.
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(SECONDS * 1000)]);
  try {
    const restic = resticOf(repository, { ...context, signal });
    const id = await askId(restic, SECONDS - 0.5);
    const locks = await readLocks(restic, { ...context, signal });
    return { name, state: "ready", detail: "", id, expected_id, locks };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const detail = [error.message, error.detail ?? ""].filter((text) => text !== "").join("\n");
    return { name, state: stateOf(error), detail, id: null, expected_id, locks: [] };
  }
}

function stateOf({ code }: Failure): RepositoryStatus["state"] {
  if (code === "repository.absent") return "absent";
  return code === "repository.wrong-password" ? "wrong-password" : "unreachable";
}
