import type { Change, ResourceId } from "../model/change.ts";
import type { Plan } from "../model/plan.ts";
import type { Difference, Evidence, Kind, World } from "../resources/kind.ts";
import { isUnknown, observeAll } from "./observe.ts";
import type { Finding } from "./observe.ts";
import { topologicalOrder } from "./order.ts";

export interface PlanInput {
  readonly world: World;
  readonly kinds: readonly Kind[];
  readonly evidence: Evidence;
  /** Of kamal-backup. */
  readonly version: string;
  readonly policyHash: string;
  readonly deployHash: string;
}

/** What differs, in the order in which it would be applied. Pure: the same input gives the same bytes. */
export function makePlan(input: PlanInput): Plan {
  const { world } = input;
  return {
    format_version: "1",
    kamal_backup_version: input.version,
    service: world.topology.service,
    destination: world.topology.destination,
    policy_hash: input.policyHash,
    deploy_hash: input.deployHash,
    changes: judge(observeAll(input.kinds, input.evidence, world)),
  };
}

function judge(findings: ReadonlyMap<ResourceId, Finding>): Change[] {
  const graph = new Map([...findings].map(([id, finding]) => [id, prerequisites(finding)]));
  const withheld = withholders(findings);
  const judged = new Map<ResourceId, Change>();
  for (const id of topologicalOrder(graph)) {
    const change = judgeOne(findings.get(id) as Finding, judged);
    const by = withheld.get(id);
    judged.set(id, by === undefined || change.steps.length === 0 ? change : blockedBy(change, by));
  }
  return [...judged.values()];
}

/** What is withheld, by the change that is refused. */
function withholders(findings: ReadonlyMap<ResourceId, Finding>): ReadonlyMap<ResourceId, ResourceId> {
  const pairs = [...findings.values()].flatMap(({ resource, outcome }) =>
    isUnknown(outcome) ? [] : (outcome.withholds ?? []).map((id) => [id, resource.id] as const),
  );
  return new Map(pairs);
}

function prerequisites({ resource, outcome }: Finding): ResourceId[] {
  const settler = isUnknown(outcome) ? outcome.waitsFor : outcome.settledBy;
  return settler === undefined ? [...resource.after] : [...resource.after, settler];
}

function judgeOne(finding: Finding, judged: ReadonlyMap<ResourceId, Change>): Change {
  const { outcome } = finding;
  if (!isUnknown(outcome)) return withhold(unsettled(assemble(finding, outcome, judged), judged), judged);
  const settler = outcome.waitsFor === undefined ? undefined : judged.get(outcome.waitsFor);
  if (settler !== undefined && isUnderWay(settler, judged)) {
    const reason = `${outcome.reason}; seen once ${settler.id} is done`;
    return assemble(finding, { action: "update", reason, settledBy: settler.id }, judged);
  }
  if (settler?.action === "blocked" && settler.unknown !== true) {
    const reason = `${outcome.reason}; waits for ${settler.id}, which is blocked`;
    return assemble(finding, { action: "blocked", reason }, judged);
  }
  return assemble(finding, { action: "blocked", reason: outcome.reason, unknown: true }, judged);
}

/** Whether this plan will act on the change, by itself or by what settles it. */
function isUnderWay(change: Change, judged: ReadonlyMap<ResourceId, Change>): boolean {
  if (change.action === "blocked") return false;
  if (change.steps.length > 0) return true;
  const settler = change.settledBy === undefined ? undefined : judged.get(change.settledBy);
  return settler !== undefined && isUnderWay(settler, judged);
}

/** Blocks a change that waits for another to settle it, where that one has nothing to do. */
function unsettled(change: Change, judged: ReadonlyMap<ResourceId, Change>): Change {
  const settler = change.settledBy === undefined ? undefined : judged.get(change.settledBy);
  if (settler === undefined || settler.action === "blocked" || isUnderWay(settler, judged)) return change;
  const { settledBy: _, ...rest } = change;
  return { ...rest, action: "blocked", reason: `${change.reason}; but ${settler.id} is as it should be` };
}

/** Blocks a change that would act after one that is blocked. */
function withhold(change: Change, judged: ReadonlyMap<ResourceId, Change>): Change {
  if (change.steps.length === 0 && change.settledBy === undefined) return change;
  const settler = change.settledBy === undefined ? [] : [change.settledBy];
  const blocker = blockedAmong([...change.after, ...settler], judged);
  return blocker === undefined ? change : blockedBy(change, blocker);
}

function blockedBy(change: Change, blocker: ResourceId): Change {
  const { settledBy: _, ...rest } = change;
  const reason = `${change.reason}; waits for ${blocker}, which is blocked`;
  return { ...rest, action: "blocked", reason, impact: "none", interrupts: "", steps: [], rollback: [] };
}

function blockedAmong(
  ids: readonly ResourceId[],
  judged: ReadonlyMap<ResourceId, Change>,
): ResourceId | undefined {
  for (const id of ids) {
    const change = judged.get(id);
    if (change === undefined) continue;
    if (change.action === "blocked") return id;
    const further = blockedAmong(change.after, judged);
    if (further !== undefined) return further;
  }
  return undefined;
}

function assemble(
  { resource, fingerprint }: Finding,
  difference: Difference,
  judged: ReadonlyMap<ResourceId, Change>,
): Change {
  return {
    id: resource.id,
    kind: resource.kind,
    action: difference.action,
    cause: difference.cause ?? null,
    reason: difference.reason,
    impact: difference.impact ?? "none",
    interrupts: difference.interrupts ?? "",
    fields: difference.fields ?? [],
    ...(difference.text === undefined ? {} : { text: difference.text }),
    steps: difference.steps ?? [],
    rollback: difference.rollback ?? [],
    after: [...new Set(resource.after)].filter((id) => judged.has(id)).sort(),
    ...(difference.settledBy === undefined ? {} : { settledBy: difference.settledBy }),
    ...(difference.unknown === undefined ? {} : { unknown: difference.unknown }),
    warnings: difference.warnings ?? [],
    ...(difference.notices === undefined ? {} : { notices: difference.notices }),
    fingerprint,
  };
}
