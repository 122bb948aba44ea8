import { kamal } from "../kamal/cli.ts";
import type { Kamal } from "../kamal/cli.ts";
import { loadConfigAndSecrets } from "../kamal/config-and-secrets.ts";
import type { ConfigAndSecrets } from "../kamal/config-and-secrets.ts";

/** Kamal at work: a start of Ruby takes longer than all else together. */
export interface KamalAtWork {
  readonly cli: Kamal;
  readonly resolved: Promise<ConfigAndSecrets>;
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
  const resolved = loadConfigAndSecrets(cli, { signal: stop.signal });
  // Whoever awaits it is told; a run that was stopped is nobody's.
  resolved.catch(() => {});
  return { cli, resolved, stop: () => stop.abort() };
}
