import type { Command } from "commander";
import { contextFromEnv, placesOf, secretNames } from "../../../agent/context-from-env.ts";
import { Failure } from "../../../errors.ts";
import { agentCommand, print } from "../help.ts";

export function validateCommand(): Command {
  const what =
    "Check the agent's policy, its directories, and that every secret is there. Connects to nothing.";
  return agentCommand("validate", what, [
    { command: "kamal-backup validate", what: "one line, and exit 1 where something is missing" },
  ]).action(({ json }: { json?: boolean }) => {
    const silent = { log: () => {}, progress: () => {}, signal: new AbortController().signal };
    const { context, policyHash } = contextFromEnv(process.env, silent);
    const { policyFile } = placesOf(process.env);
    const missing = secretNames(context.policy).filter((name) => !process.env[name]);
    if (missing.length > 0) {
      throw new Failure("secrets.undefined", `the agent has no secret ${missing.join(", ")}`, {
        todo: "Define it in .kamal/secrets, and boot the agent again: kamal accessory reboot NAME.",
      });
    }
    const targets = context.policy.targets.map(({ name }) => name);
    print(
      json,
      { valid: true, policy_hash: policyHash, targets },
      `${policyFile} is valid: ${targets.join(", ")}`,
    );
  });
}
