import { describe, expect, test } from "vitest";
import { isAllowed } from "../../src/model/impact.ts";
import { showStep } from "../../src/model/show-step.ts";
import { planOf, situationOf } from "../cases/support/plan-case.ts";
import type { Situation } from "../cases/support/plan-case.ts";
import { reversed } from "./reversed.ts";
import { everyCase } from "./situations.ts";

describe.each(everyCase().map((one) => [one.file, one] as const))("%s", (_, one) => {
  const situation = situationOf(one);
  const plan = planOf(situation);
  const json = JSON.stringify(plan);

  test("the plan survives JSON", () => {
    expect(JSON.parse(json)).toEqual(plan);
  });

  test("the order of keys in what was seen does not matter", () => {
    const other: Situation = { ...situation, seen: reversed(situation.seen) as Situation["seen"] };
    expect(JSON.stringify(planOf(other))).toBe(json);
  });

  test("no secret, verifier or password hash is in the plan or in its commands", () => {
    const shown = plan.changes
      .flatMap(({ steps, rollback }) => [...steps, ...rollback])
      .map((step) => showStep(step));
    for (const text of [json, ...shown]) {
      expect(text).not.toMatch(/canary/i);
      expect(text).not.toMatch(/SCRAM-SHA-256\$\d|md5[0-9a-f]{32}/);
    }
  });

  test("every change is what it says", () => {
    const ids = new Set(plan.changes.map(({ id }) => id));
    for (const change of plan.changes) {
      const { action, steps, settledBy, impact, cause, reason, after } = change;
      if (action === "none" || action === "blocked")
        expect({ steps, settledBy }).toEqual({ steps: [], settledBy: undefined });
      else expect(steps.length > 0 || settledBy !== undefined).toBe(true);
      expect(reason === "").toBe(action === "none");
      if (action === "none") expect({ cause, impact }).toEqual({ cause: null, impact: "none" });
      if (!isAllowed(impact, "none")) expect(change.interrupts).not.toBe("");
      for (const other of [...after, ...(settledBy === undefined ? [] : [settledBy])])
        expect(ids).toContain(other);
    }
  });

  test("a resource comes after all that it waits for", () => {
    const place = new Map(plan.changes.map(({ id }, index) => [id, index]));
    for (const { id, after, settledBy = id } of plan.changes) {
      for (const other of [...after, settledBy]) {
        expect(place.get(other)).toBeLessThanOrEqual(place.get(id) as number);
      }
    }
  });
});
