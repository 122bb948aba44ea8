import { Failure } from "../errors.ts";
import type { ResourceId } from "../model/change.ts";

/**
 * Every id after all that it comes after, and by name where that leaves a choice. Ids that are not keys of the graph
 * are ignored.
 * @throws Failure `internal.bug` for a cycle.
 */
export function topologicalOrder(graph: ReadonlyMap<ResourceId, readonly ResourceId[]>): ResourceId[] {
  const waiting = new Map(
    [...graph].map(([id, after]) => [id, new Set(after.filter((other) => graph.has(other)))] as const),
  );
  const order: ResourceId[] = [];
  while (waiting.size > 0) {
    const ready = [...waiting].filter(([, after]) => after.size === 0).map(([id]) => id);
    const [next] = ready.sort();
    if (next === undefined) {
      throw new Failure(
        "internal.bug",
        `these resources wait for each other: ${[...waiting.keys()].sort().join(", ")}`,
      );
    }
    waiting.delete(next);
    for (const after of waiting.values()) after.delete(next);
    order.push(next);
  }
  return order;
}
