import { kamal } from "../kamal/cli.ts";
import type { Kamal } from "../kamal/cli.ts";
import { loadConfig } from "../kamal/config.ts";
import { loadSecrets } from "../kamal/secrets.ts";
import type { KamalConfig } from "../kamal/types.ts";
import type { Secret } from "../model/secret.ts";

/** Kamal at work, twice at once: a start of Ruby takes longer than all else together. */
export interface KamalAtWork {
  readonly cli: Kamal;
  readonly config: Promise<KamalConfig>;
  readonly secrets: Promise<ReadonlyMap<string, Secret>>;
  stop(): void;
}

/** Starts Kamal in the directory, to be awaited or stopped. */
export function startKamal(
  directory: string,
  configFile: string | null,
  destination: string | null,
): KamalAtWork {
  const stop = new AbortController();
  const cli = kamal({ cwd: directory, configFile, destination });
  const config = loadConfig(cli, { signal: stop.signal });
  const secrets = loadSecrets(cli, { signal: stop.signal });
  // Whoever awaits them is told; a run that was stopped is nobody's.
  config.catch(() => {});
  secrets.catch(() => {});
  return { cli, config, secrets, stop: () => stop.abort() };
}
