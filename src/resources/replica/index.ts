import type { Kind } from "../kind.ts";
import { desired } from "./desired.ts";
import type { ReplicaSpec } from "./desired.ts";
import { diff } from "./diff.ts";
import { facts, observe } from "./observe.ts";
import type { LiveReplica } from "./observe.ts";

/** A standby, seen from both ends of its stream. */
export const replica: Kind<ReplicaSpec, LiveReplica> = { kind: "replica", desired, facts, observe, diff };
