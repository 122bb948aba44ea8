import { present } from "../../model/observation.ts";
import type { Observation } from "../../model/observation.ts";
import { POLICY_LABEL } from "../../model/stamp.ts";
import { STATUS, statusOf } from "../agent-status.ts";
import type { Evidence, FactRequest, Resource } from "../kind.ts";
import type { AgentSpec } from "./desired.ts";

export interface LiveAgent {
  /** Hash of the policy that it runs on. */
  readonly runsOn: string;
  /** Hash of the policy that its container was made for; null: of none that we know. */
  readonly madeFor: string | null;
  readonly schedules: boolean;
}

export function facts({ spec }: Resource<AgentSpec>): FactRequest[] {
  return [{ accessory: spec.name, facts: [STATUS] }];
}

export function observe({ spec }: Resource<AgentSpec>, evidence: Evidence): Observation<LiveAgent> {
  const status = statusOf(evidence, spec.name);
  const probe = evidence.probe(spec.name);
  if (status.status === "unknown" || probe.status !== "present") return status as Observation<LiveAgent>;
  return present({
    runsOn: status.value.policy_hash,
    madeFor: probe.container.Config.Labels?.[POLICY_LABEL] ?? null,
    schedules: status.value.scheduling_since !== null,
  });
}
