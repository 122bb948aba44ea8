import { parse, stringify } from "yaml";
import { describe, expect, test } from "vitest";
import { KINDS } from "../../src/resources/index.ts";
import { DEFAULTS } from "../cases/support/case.ts";
import { planOf, situationOf } from "../cases/support/plan-case.ts";
import type { Situation } from "../cases/support/plan-case.ts";
import { healthySituation } from "./situations.ts";
import { reversed } from "./reversed.ts";

const healthy = healthySituation();

describe("in a world that was just applied", () => {
  test("every kind has resources, and none of them has anything to do", () => {
    const { changes } = planOf(healthy);
    expect(new Set(changes.map(({ kind }) => kind))).toEqual(new Set(KINDS.map(({ kind }) => kind)));
    expect(changes.filter(({ action, warnings }) => action !== "none" || warnings.length > 0)).toEqual([]);
  });

  test("the same input gives the same bytes", () => {
    expect(JSON.stringify(planOf(healthySituation()))).toBe(JSON.stringify(planOf(healthy)));
  });
});

describe("keys in another order give the same bytes", () => {
  const base = { before: DEFAULTS, applied: false, observed: {} };
  const first = situationOf({ ...base, now: (last) => ({ ...DEFAULTS, ...last }) });
  const bytes = JSON.stringify(planOf(first));

  test("of the policy", () => {
    const policy = stringify(reversed(parse(DEFAULTS.policy)));
    const other = situationOf({ ...base, now: (last) => ({ ...DEFAULTS, ...last, policy }) });
    expect(policy).not.toBe(DEFAULTS.policy);
    expect(JSON.stringify(planOf(other))).toBe(bytes);
  });

  test("of the secrets", () => {
    const secrets = reversed(DEFAULTS.secrets) as Record<string, string>;
    const other = situationOf({ ...base, now: (last) => ({ ...DEFAULTS, ...last, secrets }) });
    expect(JSON.stringify(planOf(other))).toBe(bytes);
  });

  test("of what was seen", () => {
    const other: Situation = { ...first, seen: reversed(first.seen) as Situation["seen"] };
    expect(JSON.stringify(planOf(other))).toBe(bytes);
  });
});

describe("what could not be observed", () => {
  const names = Object.keys(healthy.seen.probes);

  test.each(names)("%s unknown: its resources are blocked, and nothing is created or deleted", (name) => {
    const probes = {
      ...healthy.seen.probes,
      [name]: { status: "unknown", reason: "no route to host" } as const,
    };
    const { changes } = planOf({ ...healthy, seen: { ...healthy.seen, probes } });
    const busy = changes.filter(({ action }) => action !== "none");
    expect(busy.length).toBeGreaterThan(0);
    for (const change of busy) {
      expect(change).toMatchObject({ action: "blocked", unknown: true, steps: [], impact: "none" });
    }
  });

  test.each(names)("%s answers no question: blocked, or waited for, but never created or deleted", (name) => {
    const probe = healthy.seen.probes[name];
    if (probe?.status !== "present") throw new Error("the healthy world has every container");
    const facts = Object.fromEntries(
      Object.keys(probe.facts).map((fact) => [fact, { error: "connection refused" }]),
    );
    const probes = { ...healthy.seen.probes, [name]: { ...probe, facts } };
    const { changes } = planOf({ ...healthy, seen: { ...healthy.seen, probes } });
    const busy = changes.filter(({ action }) => action !== "none");
    expect(busy.length).toBeGreaterThan(0);
    for (const change of busy) {
      if (change.kind === "replica")
        expect(change.steps.map(({ run }) => run)).toEqual(change.unknown ? [] : ["wait"]);
      else expect(change).toMatchObject({ action: "blocked", unknown: true, steps: [] });
    }
  });
});
