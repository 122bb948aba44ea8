import type { AgentContext } from "../../../src/agent/context.ts";
import { systemClock } from "../../../src/agent/clock.ts";
import { redactor } from "../../../src/agent/redactor.ts";
import { isSecretRef } from "../../../src/model/secret.ts";
import { aStateDirectory } from "./a-state-directory.ts";
import { aPolicy } from "./an-agent-policy.ts";

/** A context of jobs with a state directory of its own; its log is kept in `lines`. */
export function anAgent(
  own: Partial<AgentContext> = {},
  secrets: Readonly<Record<string, string>> = {},
): AgentContext & { readonly lines: string[] } {
  const lines: string[] = [];
  return {
    policy: aPolicy([]),
    reveal: (value) => (isSecretRef(value) ? (secrets[value.secret] ?? "") : value),
    redact: redactor(Object.values(secrets)),
    stateDirectory: aStateDirectory(),
    scratchDirectory: "/nonexistent",
    clock: systemClock,
    randomHex: () => "00",
    log: (line) => lines.push(line),
    progress: () => {},
    signal: new AbortController().signal,
    ...own,
    lines,
  };
}
