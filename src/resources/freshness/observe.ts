import type { HalfRestored, JobStatus } from "../../model/agent-status.ts";
import { present, unknown } from "../../model/observation.ts";
import type { Observation } from "../../model/observation.ts";
import { agentId, STATUS, statusOf } from "../agent-status.ts";
import type { Evidence, FactRequest, Resource } from "../kind.ts";
import type { FreshnessSpec } from "./desired.ts";

export interface LiveFreshness {
  /** Now, by the agent's clock: all times are. */
  readonly at: string;
  readonly jobs: readonly JobStatus[];
  /** Databases of the target that a killed restore may have left by half; of its backup only. */
  readonly halfRestored: readonly HalfRestored[];
}

export function facts({ spec }: Resource<FreshnessSpec>): FactRequest[] {
  return [{ accessory: spec.agent, facts: [STATUS] }];
}

export function observe({ spec }: Resource<FreshnessSpec>, evidence: Evidence): Observation<LiveFreshness> {
  const status = statusOf(evidence, spec.agent);
  if (status.status === "unknown") return status;
  const jobs = status.value.jobs.filter(({ job, subject }) => job === spec.job && subject === spec.subject);
  if (jobs.length === 0) {
    const what = `the ${spec.job} of ${spec.subject}`;
    return unknown(`${spec.agent} does not schedule ${what} yet`, agentId(spec.agent));
  }
  const halfRestored = status.value.half_restored.filter(
    ({ target }) => spec.job === "backup" && target === spec.subject,
  );
  return present({ at: status.value.at, jobs, halfRestored });
}
