import type { KamalConfig } from "../kamal/types.ts";
import type { Secret } from "../model/secret.ts";
import { checkAgainstDeploy } from "../policy/against-deploy.ts";
import { PolicyInvalid } from "../policy/invalid.ts";
import type { LoadedPolicy } from "../policy/load.ts";
import { renderDiagnostics } from "../policy/render.ts";

/**
 * Checks the policy against what it is about; warnings go to stderr.
 * @throws PolicyInvalid where the policy, deploy.yml and the secrets do not fit together.
 */
export function checkTogether(
  { source }: LoadedPolicy,
  config: KamalConfig,
  secrets: ReadonlyMap<string, Secret>,
): void {
  const found = checkAgainstDeploy(source, Object.values(config.accessories), new Set(secrets.keys()));
  if (found.some(({ severity }) => severity === "error")) throw new PolicyInvalid(found, source.files);
  if (found.length > 0) process.stderr.write(`${renderDiagnostics(found, source.files)}\n\n`);
}
