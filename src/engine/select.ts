import { Failure } from "../errors.ts";
import type { Change, ResourceId } from "../model/change.ts";
import type { Plan } from "../model/plan.ts";

/**
 * The plan with only the targets and what they need first, and without the excluded and what needs them.
 * @throws Failure `plan.no-such-resource`.
 */
export function selectChanges(
  plan: Plan,
  targets: readonly ResourceId[],
  excluded: readonly ResourceId[],
): Plan {
  const byId = new Map(plan.changes.map((change) => [change.id, change]));
  for (const id of [...targets, ...excluded]) {
    if (!byId.has(id)) {
      throw new Failure("plan.no-such-resource", `${id} is not in the plan`, {
        detail: [...byId.keys()].join("\n"),
      });
    }
  }
  const wanted = new Set(
    targets.length === 0 ? byId.keys() : targets.flatMap((id) => [id, ...needs(id, byId)]),
  );
  const isKept = (id: ResourceId) =>
    wanted.has(id) && !excluded.includes(id) && needs(id, byId).every((other) => !excluded.includes(other));
  return { ...plan, changes: plan.changes.filter((change) => isKept(change.id)) };
}

/** All that has to be done before, at any remove. */
function needs(id: ResourceId, byId: ReadonlyMap<ResourceId, Change>): ResourceId[] {
  const change = byId.get(id);
  const direct =
    change === undefined
      ? []
      : [...change.after, ...(change.settledBy === undefined ? [] : [change.settledBy])];
  return direct.flatMap((other) => [other, ...needs(other, byId)]);
}
