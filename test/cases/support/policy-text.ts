import type { Policy } from "../../../src/model/policy.ts";
import { loadPolicy } from "../../../src/policy/load.ts";

/** The policy of this text, checked and resolved as by the CLI. */
export function policyOf(text: string): Policy {
  return loadPolicy({ path: "backup-policy.yml", destination: null, readFile: () => text }).policy;
}
