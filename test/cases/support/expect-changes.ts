import { diffLines } from "diff";
import { expect } from "vitest";
import type { Change } from "../../../src/model/change.ts";
import type { Plan } from "../../../src/model/plan.ts";
import type { Expected } from "./case.ts";

const NOTHING = { cause: null, impact: "none", steps: [], rollback: [], warnings: [] };

/** The plan's changes of this kind are those expected; all others of the kind have nothing to do. */
export function expectChanges(plan: Plan, kind: string, expected: readonly Expected[]): void {
  const changes = plan.changes.filter((change) => change.kind === kind);
  const busy = changes.filter(
    ({ action, warnings, notices = [] }) => action !== "none" || warnings.length + notices.length > 0,
  );
  const ids = new Set([...expected.map(({ id }) => id), ...busy.map(({ id }) => id)]);
  const named = changes.filter(({ id }) => ids.has(id)).map((change) => asExpected(change));
  const wanted = changes
    .filter(({ id }) => ids.has(id))
    .map(({ id }) => expected.find((each) => each.id === id) ?? { id, action: "none" });
  const missing = expected.filter(({ id }) => !changes.some((change) => change.id === id));
  expect(missing, "the plan has no such resource").toEqual([]);
  expect(named).toEqual(
    wanted.map((each, index) => matcherOf(each, named[index] as Record<string, unknown>)),
  );
}

/** The change with the lines of its text that differ in place of both texts. */
function asExpected({ text, ...change }: Change): Record<string, unknown> {
  if (text === undefined) return { ...change, diff: "" };
  const lines = diffLines(text.before, text.after).filter((part) => part.added || part.removed);
  const diff = lines.flatMap((part) =>
    part.value
      .replace(/\n$/, "")
      .split("\n")
      .map((line) => `${part.added ? "+" : "-"}${line}`),
  );
  return { ...change, diff: diff.join("\n") };
}

/** What is not named has to be as in a change with nothing to do; what is neither is free. */
function matcherOf(wanted: Expected, actual: Record<string, unknown>): unknown {
  const { diff, reason, ...rest } = wanted;
  const named = matcher({
    ...NOTHING,
    settledBy: undefined,
    unknown: undefined,
    notices: undefined,
    ...rest,
  }) as object;
  const free = Object.keys(actual).filter((key) => !(key in named));
  return {
    ...Object.fromEntries(free.map((key) => [key, actual[key]])),
    ...named,
    reason: matcher(typeof reason === "string" ? { $contains: reason } : (reason ?? "")),
    ...(diff === undefined
      ? {}
      : { diff: typeof diff === "string" ? diff.replace(/\n$/, "") : matcher(diff) }),
  };
}

/** `{$contains}` and `{$matches}` stand for a long text; mappings are whole, but for `{$including}`. */
function matcher(wanted: unknown): unknown {
  if (Array.isArray(wanted)) return wanted.map(matcher);
  if (typeof wanted !== "object" || wanted === null) return wanted;
  const one = wanted as Readonly<Record<string, unknown>>;
  if ("$contains" in one) return expect.stringContaining(String(one["$contains"]));
  if ("$matches" in one) return expect.stringMatching(new RegExp(String(one["$matches"])));
  if ("$including" in one) return expect.objectContaining(matcher(one["$including"]) as object);
  return Object.fromEntries(Object.entries(one).map(([key, value]) => [key, matcher(value)]));
}
