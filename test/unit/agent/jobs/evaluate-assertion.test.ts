import { expect, it } from "vitest";
import { evaluateAssertion, failedAssertion } from "../../../../src/agent/jobs/evaluate-assertion.ts";
import type { AgentAssertion } from "../../../../src/model/agent-policy.ts";

const assertion = (want: Partial<AgentAssertion>): AgentAssertion => ({
  name: "users are there",
  sql: "select 1",
  database: null,
  min: null,
  equals: null,
  ...want,
});

it.each<[Partial<AgentAssertion>, unknown, boolean]>([
  [{ min: 1 }, 1, true],
  [{ min: 1 }, 0, false],
  [{ min: 0.5 }, "0.50", true],
  [{ min: 1 }, "12", true],
  [{ min: 1 }, " 12 ", true],
  [{ min: -1 }, "-0.5", true],
  [{ min: 1 }, "1e3", true],
  [{ min: 0 }, null, false],
  [{ min: 0 }, "", false],
  [{ min: 0 }, false, false],
  [{ min: 0 }, true, false],
  [{ min: 0 }, [], false],
  [{ min: 1 }, "0x10", false],
  [{ min: 1 }, "many", false],
  [{ equals: true }, true, true],
  [{ equals: true }, 1, true],
  [{ equals: true }, "1", true],
  [{ equals: true }, 2, false],
  [{ equals: true }, false, false],
  [{ equals: true }, "yes", false],
  [{ equals: true }, null, false],
  [{ equals: false }, 0, true],
  [{ equals: false }, false, true],
  [{ equals: false }, null, false],
  [{ equals: false }, "", false],
  [{ equals: 5 }, "5.0", true],
  [{ equals: 0 }, null, false],
  [{ equals: 0 }, "", false],
  [{ equals: 5 }, 6, false],
  [{ equals: "5" }, 5, true],
  [{ equals: "5" }, "5", true],
  [{ equals: "" }, "", true],
  [{ equals: "" }, null, false],
  [{ equals: "null" }, null, false],
  [{ equals: "Ann" }, "ann", false],
  [{ equals: "true" }, true, true],
  [{ min: 1, equals: 3 }, 3, true],
  [{ min: 4, equals: 3 }, 3, false],
  [{}, 1, false],
])("%j of %j passes: %j", (want, got, passed) => {
  const result = evaluateAssertion(assertion(want), got);
  expect(result.passed).toBe(passed);
  expect(result.got).toBe(got);
});

it("says what was wanted", () => {
  expect(evaluateAssertion(assertion({ min: 1, equals: "a" }), 0).wanted).toBe('at least 1 and equal to "a"');
});

it("fails with the words of a query that could not be answered", () => {
  expect(failedAssertion(assertion({ equals: "no such table" }), "no such table")).toEqual({
    name: "users are there",
    passed: false,
    got: "no such table",
    wanted: 'equal to "no such table"',
  });
});
