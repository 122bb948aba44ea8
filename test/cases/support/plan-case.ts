import { makePlan } from "../../../src/engine/plan.ts";
import type { Plan } from "../../../src/model/plan.ts";
import { KINDS } from "../../../src/resources/index.ts";
import type { World } from "../../../src/resources/kind.ts";
import type { Case } from "./case.ts";
import { evidenceOf, seenOtherwise } from "./evidence.ts";
import type { Seen } from "./evidence.ts";
import { appliedManifests, deployFiles, healthyProbes, notYetBooted, worldOf } from "./worlds.ts";

export interface Situation {
  readonly world: World;
  readonly seen: Seen;
}

/** The world of a case and what is seen of it. */
export function situationOf(one: Pick<Case, "before" | "applied" | "now" | "observed">): Situation {
  const last = one.applied ? appliedManifests(one.before) : { written: one.before, files: {} };
  const now = one.now(last.written);
  const world = worldOf(now);
  const probes = healthyProbes(worldOf(last.written), world, one.applied);
  const files = { ...last.files, ...deployFiles(now) };
  const seen = { probes: { ...probes, ...notYetBooted(world.topology, probes) }, files };
  return { world, seen: seenOtherwise(seen, one.observed) };
}

export function planOf({ world, seen }: Situation): Plan {
  return makePlan({
    world,
    kinds: KINDS,
    evidence: evidenceOf(seen),
    version: "0.0.0-test",
    policyHash: "policy",
    deployHash: "deploy",
  });
}
