import { Failure } from "../errors.ts";
import type { KamalConfig } from "../kamal/types.ts";
import type { ManifestEdit } from "../model/topology.ts";

/** All that Kamal takes in a registry, but for the password (lib/kamal/configuration/validator/registry.rb). */
const OPEN_KEYS = ["server", "username"];

/**
 * The same registry as the primary's, where the accessory has its own. What ERB made of it is all that is known here:
 * a password that is no name of a secret would be written into deploy.yml in clear.
 * @throws Failure `topology.clear-registry-password`.
 */
export function registryEdits(primary: string, config: KamalConfig): ManifestEdit[] {
  const at = (key: string) => config.rawKey(primary, ["registry", key]);
  const password = at("password");
  if (isGiven(password) && !Array.isArray(password)) {
    throw new Failure(
      "topology.clear-registry-password",
      `accessory "${primary}" has the password of its registry in clear or by ERB: its replicas would get it in clear`,
      { where: `accessories.${primary}.registry.password` },
    );
  }
  return [...OPEN_KEYS, "password"].flatMap((key): ManifestEdit[] => {
    const value = at(key);
    if (!isGiven(value)) return [];
    const path = ["registry", key];
    return [Array.isArray(value) ? { path, contains: value.map(String) } : { path, value: String(value) }];
  });
}

/** A registry of localhost needs neither a user name nor a password. */
function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== "";
}
