import type { Kind } from "../kind.ts";
import { desired } from "./desired.ts";
import type { RoleSpec } from "./desired.ts";
import { diff } from "./diff.ts";
import { facts, observe } from "./observe.ts";
import type { LiveRole } from "./observe.ts";

/** The replication role, compared by its SCRAM verifier without changing it. */
export const role: Kind<RoleSpec, LiveRole> = { kind: "role", desired, facts, observe, diff };
