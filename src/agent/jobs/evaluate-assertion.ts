import type { AgentAssertion } from "../../model/agent-policy.ts";
import type { AssertionResult } from "../engines/engine.ts";

/**
 * Judges the single value that a query gave. Engines say the same thing differently: a count may come as a number or
 * as its digits, a truth as true or (MySQL, SQLite) as 1.
 * @param got as the server's JSON has it; null where the query gave NULL.
 */
export function evaluateAssertion(assertion: AgentAssertion, got: unknown): AssertionResult {
  const { name, min, equals } = assertion;
  const wanted = [
    ...(min === null ? [] : [`at least ${min}`]),
    ...(equals === null ? [] : [`equal to ${JSON.stringify(equals)}`]),
  ].join(" and ");
  const number = numberOf(got);
  const passed =
    (min === null || (number !== null && number >= min)) && (equals === null || isEqual(equals, got));
  return { name, passed: passed && wanted !== "", got, wanted };
}

/** The result of an assertion whose query could not be answered. */
export function failedAssertion(assertion: AgentAssertion, why: string): AssertionResult {
  return { ...evaluateAssertion(assertion, null), passed: false, got: why };
}

function isEqual(wanted: string | number | boolean, got: unknown): boolean {
  if (typeof wanted === "boolean") return got === wanted || numberOf(got) === Number(wanted);
  if (typeof wanted === "number") return numberOf(got) === wanted;
  return got !== null && typeof got !== "object" && String(got) === wanted;
}

function numberOf(value: unknown): number | null {
  if (typeof value === "number") return value;
  if (typeof value === "string" && /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(value))
    return Number(value);
  return null;
}
