import type { Observation } from "../../model/observation.ts";
import { containerId } from "../evidence.ts";
import { inOrder } from "../kind.ts";
import type { Difference, Resource } from "../kind.ts";
import type { AgentSpec } from "./desired.ts";
import type { LiveAgent } from "./observe.ts";
import { reboot, waitForScheduler } from "./steps.ts";

type Seen = Exclude<Observation<LiveAgent>, { status: "unknown" }>;

const SHOWN_DIGITS = 12;

export function diff({ spec }: Resource<AgentSpec>, seen: Seen): Difference {
  if (seen.status === "absent") return inOrder;
  const { runsOn, madeFor, schedules } = seen.value;
  if (runsOn !== spec.policyHash) {
    const short = (hash: string) => hash.slice(0, SHOWN_DIGITS);
    const fields = [{ field: "policy", before: short(runsOn), after: short(spec.policyHash) }];
    // A container that was made for another policy is replaced.
    if (madeFor !== spec.policyHash) {
      const reason = `the agent on ${spec.host} is told its new policy`;
      return { action: "update", cause: "policy", reason, fields, settledBy: containerId(spec.name) };
    }
    return {
      action: "update",
      cause: "drift",
      reason: `the agent on ${spec.host} runs on another policy than its container was made for: it starts anew with the right one, once a job that runs has ended`,
      fields,
      steps: [reboot(spec), waitForScheduler(spec)],
    };
  }
  if (schedules) return inOrder;
  return {
    action: "update",
    cause: "drift",
    reason: `the agent on ${spec.host} runs and schedules nothing: it starts, or its command was changed`,
    fields: [{ field: "scheduler", before: "not running", after: "running" }],
    steps: [waitForScheduler(spec)],
  };
}
