import type { Kind } from "../kind.ts";
import { desired } from "./desired.ts";
import type { SettingSpec } from "./desired.ts";
import { diff } from "./diff.ts";
import { facts, observe } from "./observe.ts";
import type { StampedSetting } from "./observe.ts";

/** Server settings of a primary. */
export const setting: Kind<SettingSpec, StampedSetting> = { kind: "setting", desired, facts, observe, diff };
