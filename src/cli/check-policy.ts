import type { Policy } from "../model/policy.ts";
import { buildTopology } from "../topology/build.ts";
import { checkTogether } from "./check-together.ts";
import type { GlobalOptions } from "./options.ts";
import { deployFile, readPolicy } from "./project.ts";
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
  const [config, secrets] = await Promise.all([work.config, work.secrets]);
  checkTogether(loaded, config, secrets);
  buildTopology(loaded.policy, config);
  return loaded.policy;
}
