import { Failure } from "../errors.ts";
import type { KamalConfig } from "../kamal/types.ts";
import type { Accessory } from "../model/accessory.ts";

/** The accessory as deploy.yml declares it. @throws Failure `topology.no-accessory`. */
export function declaredAccessory(config: KamalConfig, name: string): Accessory {
  const accessory = config.accessories[name];
  if (accessory === undefined) {
    throw new Failure("topology.no-accessory", `deploy.yml has no accessory "${name}"`, {
      where: `databases.${name}`,
    });
  }
  return accessory;
}

/** The accessory's host. @throws Failure `topology.several-hosts`: Kamal would stop all of them at once. */
export function onlyHost(accessory: Accessory): string {
  const [host, ...others] = accessory.hosts;
  if (host === undefined || others.length > 0) {
    throw new Failure(
      "topology.several-hosts",
      `accessory "${accessory.name}" runs on ${accessory.hosts.length} hosts, a database must run on one`,
      { where: `accessories.${accessory.name}` },
    );
  }
  return host;
}
