import { Failure } from "../../errors.ts";
import { COMMANDS } from "../../tools/restic/commands.ts";
import type { ResticSnapshot } from "../../tools/restic/listings.ts";
import type { AgentContext } from "../context.ts";
import { clearWay } from "./locks.ts";
import { ownSnapshots } from "./own-snapshots.ts";
import type { Restic } from "./restic.ts";

/** So many ids fit into an argv on every system. */
const AT_ONCE = 500;

/**
 * Forgets exactly these, by their ids. What is gone already is fine; one that is there and not this app's is Failure
 * `repository.not-ours`, and nothing is forgotten.
 * @param all every snapshot of the repository, just read
 */
export async function forgetOwn(
  restic: Restic,
  context: AgentContext,
  snapshotIds: readonly string[],
  all: readonly ResticSnapshot[],
): Promise<void> {
  const own = new Set(ownSnapshots(all, context.policy.app).map(({ id }) => id));
  const foreign = all.filter(({ id }) => snapshotIds.includes(id) && !own.has(id));
  if (foreign.length > 0) {
    const names = foreign.map(({ shortId }) => shortId).join(", ");
    throw new Failure("repository.not-ours", `not snapshots of ${context.policy.app}: ${names}`, {
      where: `repository ${restic.name}`,
    });
  }
  const there = [...new Set(snapshotIds)].filter((id) => own.has(id));
  if (there.length === 0) return;
  await clearWay(restic);
  for (let from = 0; from < there.length; from += AT_ONCE)
    await restic.run(COMMANDS.forget(there.slice(from, from + AT_ONCE)), { toDo: "forget snapshots" });
}
