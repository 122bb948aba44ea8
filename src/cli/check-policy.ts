import type { Policy } from "../model/policy.ts";
import { revealValue } from "../engine/world.ts";
import { buildTopology } from "../topology/build.ts";
import { refuseUnportable } from "../topology/portable.ts";
import { checkTogether } from "./check-together.ts";
import type { GlobalOptions } from "./options.ts";
import { checkoutReader, deployFile, readPolicy } from "./project.ts";
import { startKamal } from "./start-kamal.ts";

/**
 * The policy, when nothing is wrong with it: by itself, and unless offline with deploy.yml and the secrets.
 * @throws Failure of the policy, Kamal, the secrets, or the topology.
 */
export async function checkPolicy(options: GlobalOptions, offline: boolean): Promise<Policy> {
  const directory = process.cwd();
  const loaded = readPolicy(options, directory);
  if (offline) return loaded.policy;
  const configFile = deployFile(options, loaded.policy.deploy, directory);
  const work = startKamal(directory, configFile, options.destination ?? null);
  const { config, secrets } = await work.resolved;
  checkTogether(loaded, config, secrets);
  refuseUnportable(buildTopology(loaded.policy, config, checkoutReader(directory)), (value) =>
    revealValue(value, secrets),
  );
  return loaded.policy;
}
