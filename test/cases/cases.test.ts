import { describe, expect, test } from "vitest";
import { KINDS } from "../../src/resources/index.ts";
import { casesOf } from "./support/case.ts";
import { expectChanges } from "./support/expect-changes.ts";
import { planOf, situationOf } from "./support/plan-case.ts";

describe.each(KINDS.map(({ kind }) => kind))("%s", (kind) => {
  const cases = casesOf(kind);

  test("has cases", () => {
    expect(cases.length).toBeGreaterThanOrEqual(8);
  });

  test.each(cases.map((one) => [one.name, one] as const))("%s", (_, one) => {
    expectChanges(planOf(situationOf(one)), kind, one.expect);
  });
});
