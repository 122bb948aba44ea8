import type { World } from "../kind.ts";
import { compareContainer } from "./compare.ts";
import type { ContainerSpec } from "./desired.ts";
import { compareEnvironment, isRotation } from "./environment.ts";
import type { SeenContainer } from "./observe.ts";

/**
 * Of a primary: whether taking back what this run edits in deploy.yml gives what the container was made from; edits of
 * the user's, or of an apply before, cannot be taken back. `stamp` is the one on the container; without any, as before
 * the first apply, what docker shows has to do. A secret that changed since is no obstacle: Postgres starts with it.
 */
export function hasWayBack(
  spec: ContainerSpec,
  { probe }: SeenContainer,
  stamp: string | null,
  world: World,
): boolean {
  const { role, declared, host } = spec;
  if (role !== "primary" || declared === null || spec.stamp.wanted === spec.stamp.declared) return false;
  if (stamp !== null && stamp !== spec.stamp.declared) return false;
  const fields = [...compareContainer(declared, probe), ...compareEnvironment(declared, host, probe, world)];
  return isRotation(fields, declared, probe);
}
