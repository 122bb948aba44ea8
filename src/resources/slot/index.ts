import type { Kind } from "../kind.ts";
import { desired } from "./desired.ts";
import type { SlotSpec } from "./desired.ts";
import { diff } from "./diff.ts";
import { facts, observe } from "./observe.ts";
import type { LiveSlots } from "./observe.ts";

/** Physical replication slots: one a replica; those of others are only reported. */
export const slot: Kind<SlotSpec, LiveSlots> = { kind: "slot", desired, facts, observe, diff };
