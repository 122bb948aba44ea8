import { KINDS } from "../../src/resources/index.ts";
import { casesOf, DEFAULTS, support } from "../cases/support/case.ts";
import type { Case } from "../cases/support/case.ts";
import { situationOf } from "../cases/support/plan-case.ts";
import type { Situation } from "../cases/support/plan-case.ts";

/** A policy with something of every kind, just applied. */
export function healthySituation(): Situation {
  const before = { ...DEFAULTS, policy: support("backed-up.yml") };
  const now = (last: object) => ({ ...before, ...last });
  return situationOf({ before, applied: true, now, observed: {} });
}

/** Every case of every kind. */
export function everyCase(): Case[] {
  return KINDS.flatMap(({ kind }) => casesOf(kind));
}
