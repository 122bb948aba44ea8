import type { Step } from "../../model/step.ts";
import { SCHEDULES } from "../agent-status.ts";
import type { AgentSpec } from "./desired.ts";

const START_SECONDS = 120;

/** Kamal uploads the policy again and makes a new container. */
export function reboot(spec: AgentSpec): Step {
  return { run: "kamal", argv: ["accessory", "reboot", spec.name] };
}

export function waitForScheduler({ name, host, container }: AgentSpec): Step {
  return {
    run: "wait",
    host,
    container,
    until: { argv: SCHEDULES },
    what: `${name} schedules`,
    timeoutSeconds: START_SECONDS,
  };
}
