import type { RepositoryLock, RepositoryStatus } from "../../model/agent-status.ts";
import { present, unknown } from "../../model/observation.ts";
import type { Observation } from "../../model/observation.ts";
import { agentId, STATUS, statusOf } from "../agent-status.ts";
import type { Evidence, FactRequest, Resource } from "../kind.ts";
import type { RepositorySpec } from "./desired.ts";

/** `absent`: restic found none at the location; whether one was there before, `expectedId` says. */
export interface LiveRepository {
  readonly state: Exclude<RepositoryStatus["state"], "unreachable">;
  readonly detail: string;
  readonly id: string | null;
  readonly expectedId: string | null;
  readonly staleLocks: readonly Pick<RepositoryLock, "host" | "time">[];
}

export function facts({ spec }: Resource<RepositorySpec>): FactRequest[] {
  return [{ accessory: spec.agent, facts: [STATUS] }];
}

export function observe({ spec }: Resource<RepositorySpec>, evidence: Evidence): Observation<LiveRepository> {
  const status = statusOf(evidence, spec.agent);
  if (status.status === "unknown") return status;
  const seen = status.value.repositories.find(({ name }) => name === spec.name);
  // What an agent finds with other credentials, or at another place, says nothing of what is declared now.
  const isOld = status.value.policy_hash !== spec.policyHash;
  if (seen === undefined || (isOld && seen.state !== "ready")) {
    return unknown(`${spec.agent} does not know this repository ${spec.name} yet`, agentId(spec.agent));
  }
  const { state, detail, id, expected_id: expectedId, locks } = seen;
  if (state === "unreachable") return unknown(`${spec.host} cannot reach ${spec.location}: ${detail}`);
  const staleLocks = locks.filter(({ stale }) => stale).map(({ host, time }) => ({ host, time }));
  return present({ state, detail, id, expectedId, staleLocks });
}
