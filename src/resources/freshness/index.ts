import type { Kind } from "../kind.ts";
import { desired } from "./desired.ts";
import type { FreshnessSpec } from "./desired.ts";
import { diff } from "./diff.ts";
import { facts, observe } from "./observe.ts";
import type { LiveFreshness } from "./observe.ts";

/** The age and the end of the newest backup, drill, check and prune. Only ever told: there is nothing to apply. */
export const freshness: Kind<FreshnessSpec, LiveFreshness> = {
  kind: "freshness",
  desired,
  facts,
  observe,
  diff,
};
