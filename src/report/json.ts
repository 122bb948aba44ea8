import type { Change } from "../model/change.ts";
import type { Plan } from "../model/plan.ts";

/** JSON for a pipe: two spaces, a newline at the end. A Secret prints as `[REDACTED]`. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** `drift --json`. */
export function driftJson(plan: Plan, drifted: readonly Change[]): unknown {
  const { changes, ...head } = plan;
  const notices = changes.flatMap(({ id, notices = [] }) => notices.map((notice) => ({ id, notice })));
  return { ...head, drifted, notices };
}
