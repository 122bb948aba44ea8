import type { Kind } from "../kind.ts";
import { desired } from "./desired.ts";
import type { HbaSpec } from "./desired.ts";
import { diff } from "./diff.ts";
import { facts, observe } from "./observe.ts";
import type { LiveHba } from "./observe.ts";

/** The managed block of pg_hba.conf. */
export const hba: Kind<HbaSpec, LiveHba> = { kind: "hba", desired, facts, observe, diff };
