import { KINDS } from "../../src/resources/index.ts";
import { casesOf, DEFAULTS } from "../cases/support/case.ts";
import type { Case } from "../cases/support/case.ts";
import { situationOf } from "../cases/support/plan-case.ts";
import type { Situation } from "../cases/support/plan-case.ts";

/** The default policy, just applied. */
export function healthySituation(): Situation {
  const now = (last: object) => ({ ...DEFAULTS, ...last });
  return situationOf({ before: DEFAULTS, applied: true, now, observed: {} });
}

/** Every case of every kind. */
export function everyCase(): Case[] {
  return KINDS.flatMap(({ kind }) => casesOf(kind));
}
