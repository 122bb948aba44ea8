import type { Kind } from "../kind.ts";
import { desired } from "./desired.ts";
import type { AgentSpec } from "./desired.ts";
import { diff } from "./diff.ts";
import { facts, observe } from "./observe.ts";
import type { LiveAgent } from "./observe.ts";

/** An agent that runs: what it says of itself. Its container is the kind `container`'s. */
export const agent: Kind<AgentSpec, LiveAgent> = { kind: "agent", desired, facts, observe, diff };
