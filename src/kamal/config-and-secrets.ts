import { randomUUID } from "node:crypto";
import { delimiter } from "node:path";
import { fileURLToPath } from "node:url";
import { Failure } from "../errors.ts";
import type { Secret } from "../model/secret.ts";
import { SAID_NOTHING } from "./cli.ts";
import type { Kamal, KamalRun } from "./cli.ts";
import { configFrom, loadConfig } from "./config.ts";
import type { KamalConfig } from "./types.ts";
import { loadSecrets, secretsFrom, secretsUnreadable } from "./secrets.ts";

export interface ConfigAndSecrets {
  readonly config: KamalConfig;
  readonly secrets: ReadonlyMap<string, Secret>;
}

/**
 * What {@link loadConfig} and {@link loadSecrets} give, of one start of Ruby, which also asks for a vault's password
 * only once: `kamal config` is made to run `kamal secrets print` at its end (kamal_backup_secrets.rb). Where Kamal is
 * something that does not pass RUBYOPT on, such as docker, they run one after the other. Throws what they throw.
 */
export async function loadConfigAndSecrets(
  cli: Kamal,
  run: Pick<KamalRun, "signal"> = {},
): Promise<ConfigAndSecrets> {
  const marker = randomUUID();
  let inSecrets = false;
  const onLine = (line: string): void => {
    inSecrets ||= line === marker;
  };
  const env = rubyEnv({ ...process.env, ...cli.options.env }, marker);
  try {
    const { stdout } = await cli.run(["config"], { ...run, env, onLine, evaluatesSecrets: true });
    const [first = "", second] = stdout.split(`${marker}\n`);
    const config = await configFrom(cli, first);
    return {
      config,
      secrets: await (second === undefined ? loadSecrets(cli, run) : secretsFrom(cli, second)),
    };
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== "kamal.failed") throw error;
    if (inSecrets) throw await secretsUnreadable(cli, error);
    if (error.message !== SAID_NOTHING) throw error;
    // Ruby may not have found our file: a container that gets the environment, but not the directory.
    return { config: await loadConfig(cli, run), secrets: await loadSecrets(cli, run) };
  }
}

/** By name, not by path: RUBYOPT cannot hold a path with a space (ruby(1)). */
function rubyEnv(env: NodeJS.ProcessEnv, marker: string): Record<string, string> {
  const { RUBYOPT, RUBYLIB } = env;
  const directory = fileURLToPath(new URL(".", import.meta.url)).replace(/[\\/]$/, "");
  return {
    RUBYOPT: ["-rkamal_backup_secrets", RUBYOPT].filter(Boolean).join(" "),
    RUBYLIB: [directory, RUBYLIB].filter(Boolean).join(delimiter),
    KAMAL_BACKUP_MARKER: marker,
  };
}
