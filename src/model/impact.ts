/** What a change does to a running system, from harmless to irreversible. */
export const IMPACTS = ["none", "reload", "restart", "recreate", "data"] as const;
export type Impact = (typeof IMPACTS)[number];

/** Whether `impact` is at most `allowed`. */
export function isAllowed(impact: Impact, allowed: Impact): boolean {
  return IMPACTS.indexOf(impact) <= IMPACTS.indexOf(allowed);
}

/** The gravest of the impacts; `none` of an empty list. */
export function gravest(impacts: readonly Impact[]): Impact {
  return impacts.reduce<Impact>((worst, impact) => (isAllowed(impact, worst) ? worst : impact), "none");
}
