import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { topologicalOrder } from "../../../src/engine/order.ts";
import { selectChanges } from "../../../src/engine/select.ts";
import { appliedExit, driftExit, planExit } from "../../../src/engine/verdict.ts";
import type { Evidence } from "../../../src/resources/kind.ts";
import { fileKind, planOf } from "./file-kind.ts";
import type { FileSpec } from "./file-kind.ts";

function plan(files: readonly FileSpec[], there: Readonly<Record<string, string>> = {}) {
  const evidence: Evidence = { probe: () => ({ status: "absent" }), file: (path) => there[path] ?? null };
  return planOf([fileKind(files)], evidence);
}

function brief(files: readonly FileSpec[], there: Readonly<Record<string, string>> = {}) {
  return plan(files, there).changes.map(({ id, action, reason }) => `${id} ${action} ${reason}`.trim());
}

describe("makePlan", () => {
  test("orders by what comes first, then by name, and gives the same bytes for resources in any order", () => {
    const files = [
      { path: "b", text: "1", after: ["file:c"] },
      { path: "c", text: "1" },
      { path: "a", text: "1", after: ["file:b", "file:none"] },
      { path: "d", text: "1" },
    ];
    expect(
      brief(files)
        .map((line) => line.slice(5, 6))
        .join(""),
    ).toBe("cbad");
    expect(JSON.stringify(plan(files.toReversed()))).toBe(JSON.stringify(plan(files)));
  });

  test("an unknown observation is blocked, never created", () => {
    const changes = plan([{ path: "a", text: "1", hidden: true }]).changes;
    expect(changes).toMatchObject([
      { action: "blocked", unknown: true, reason: "it is dark", steps: [], cause: null },
    ]);
  });

  test("unknown until another is done is settled by that one", () => {
    const [, second] = plan([
      { path: "a", text: "1" },
      { path: "b", text: "1", behind: "a" },
    ]).changes;
    expect(second).toMatchObject({ action: "update", settledBy: "file:a", steps: [], cause: null });
  });

  test("unknown behind what is itself settled by another waits for both", () => {
    const files = [
      { path: "c", text: "1", behind: "b" },
      { path: "b", text: "1", behind: "a" },
      { path: "a", text: "1" },
    ];
    expect(plan(files).changes.map((change) => change.settledBy ?? null)).toEqual([null, "file:a", "file:b"]);
  });

  test("unknown behind what nothing is done about is blocked", () => {
    const files = [
      { path: "a", text: "1", hidden: true },
      { path: "b", text: "1", behind: "a" },
    ];
    expect(plan(files).changes.map(({ action, unknown }) => [action, unknown])).toEqual([
      ["blocked", true],
      ["blocked", true],
    ]);
  });

  test("what comes after a blocked one, at any remove, is blocked and not unknown; what is in order is not", () => {
    const files = [
      { path: "a", text: "1", hidden: true },
      { path: "b", text: "1", after: ["file:a"] },
      { path: "c", text: "2", after: ["file:b"] },
      { path: "d", text: "1" },
    ];
    expect(brief(files, { b: "1" })).toEqual([
      "file:a blocked it is dark",
      "file:b none",
      "file:c blocked c differs; waits for file:a, which is blocked",
      "file:d create d differs",
    ]);
    expect(plan(files, { b: "1" }).changes[2]).toMatchObject({ steps: [], impact: "none" });
    expect(plan(files).changes[2]).not.toHaveProperty("unknown");
  });

  test("a cycle is a bug, and says of what", () => {
    const files = [
      { path: "a", text: "1", after: ["file:b"] },
      { path: "b", text: "1", after: ["file:a"] },
    ];
    expect(() => plan(files)).toThrow("these resources wait for each other: file:a, file:b");
  });

  test("two resources of one id are a bug", () => {
    expect(() =>
      plan([
        { path: "a", text: "1" },
        { path: "a", text: "2" },
      ]),
    ).toThrow("two resources are called file:a");
  });

  test("the fingerprint follows what was seen", () => {
    const fingerprint = (there: Record<string, string>) =>
      plan([{ path: "a", text: "1" }], there).changes[0]?.fingerprint;
    expect(fingerprint({ a: "1" })).toBe(fingerprint({ a: "1" }));
    expect(fingerprint({ a: "1" })).not.toBe(fingerprint({ a: "2" }));
    expect(fingerprint({})).toMatch(/^[0-9a-f]{64}$/);
  });

  test("survives JSON", () => {
    const made = plan([{ path: "a", text: "1" }]);
    expect(JSON.parse(JSON.stringify(made))).toEqual(made);
  });
});

describe("topologicalOrder", () => {
  test("puts every id of any graph without cycles after all that it comes after", () => {
    const ids = fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 12 });
    const graphs = ids.chain((names) =>
      fc
        .tuple(...names.map((_, index) => fc.subarray(names.slice(0, index))))
        .map((afters) => new Map(names.map((name, index) => [name, afters[index] ?? []]))),
    );
    fc.assert(
      fc.property(graphs, (graph) => {
        const order = topologicalOrder(graph);
        expect([...order].sort()).toEqual([...graph.keys()].sort());
        for (const [id, after] of graph)
          for (const other of after) expect(order.indexOf(other)).toBeLessThan(order.indexOf(id));
      }),
    );
  });
});

describe("exit statuses", () => {
  const dark = { path: "x", text: "1", hidden: true };
  test.each([
    ["nothing", [{ path: "a", text: "1" }], { a: "1" }, 0, 0, 0],
    ["a creation", [{ path: "a", text: "1" }], {}, 2, 0, 0],
    ["drift", [{ path: "a", text: "1" }], { a: "2" }, 2, 2, 0],
    ["something unknown", [dark], {}, 3, 3, 3],
    ["something unknown beside drift", [dark, { path: "a", text: "1" }], { a: "2" }, 3, 3, 3],
  ] as const)("%s", (_name, files, there, forPlan, forDrift, forApply) => {
    const made = plan(files, there);
    expect([planExit(made), driftExit(made), appliedExit(made)]).toEqual([forPlan, forDrift, forApply]);
  });

  test("what is blocked but was observed", () => {
    const [change] = plan([{ path: "a", text: "1" }]).changes;
    const made = {
      ...plan([]),
      changes: [{ ...(change as NonNullable<typeof change>), action: "blocked" as const, steps: [] }],
    };
    expect([planExit(made), driftExit(made), appliedExit(made)]).toEqual([2, 0, 1]);
  });

  test("a health finding alone is drift", () => {
    const [change] = plan([{ path: "a", text: "1" }], { a: "1" }).changes;
    const made = {
      ...plan([]),
      changes: [{ ...(change as NonNullable<typeof change>), warnings: ["lags"] }],
    };
    expect([planExit(made), driftExit(made)]).toEqual([0, 2]);
  });
});

describe("selectChanges", () => {
  const made = plan([
    { path: "a", text: "1" },
    { path: "b", text: "1", after: ["file:a"] },
    { path: "c", text: "1", after: ["file:b"] },
    { path: "d", text: "1" },
  ]);
  const ids = (targets: string[], excluded: string[]) =>
    selectChanges(made, targets, excluded)
      .changes.map((change) => change.id.slice(5))
      .join("");

  test.each([
    [[], [], "abcd"],
    [["file:b"], [], "ab"],
    [[], ["file:b"], "ad"],
    [["file:c", "file:d"], ["file:a"], "d"],
  ])("targets %j, excluded %j", (targets, excluded, kept) => {
    expect(ids(targets, excluded)).toBe(kept);
  });

  test("an id that is not there is an error that lists those that are", () => {
    expect(() => ids(["file:x"], [])).toThrow(
      expect.objectContaining({ code: "plan.no-such-resource", detail: "file:a\nfile:b\nfile:c\nfile:d" }),
    );
  });
});
