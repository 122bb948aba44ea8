import { resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { openHosts } from "../hosts/hosts.ts";
import type { Hosts } from "../hosts/hosts.ts";
import { kamal } from "../kamal/cli.ts";
import type { Kamal } from "../kamal/cli.ts";
import { loadConfig } from "../kamal/config.ts";
import { deployFiles } from "../kamal/deploy-files.ts";
import { loadSecrets } from "../kamal/secrets.ts";
import { staticHosts } from "../kamal/static-hosts.ts";
import type { KamalConfig, KamalSsh } from "../kamal/types.ts";
import type { Secret } from "../model/secret.ts";
import { readTextOrNull } from "./project.ts";

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

/** What net-ssh does where deploy.yml says nothing. */
const DEFAULT_SSH: KamalSsh = {
  user: "root",
  port: 22,
  proxy: null,
  proxyCommand: null,
  keys: [],
  keysOnly: false,
  keyData: [],
  config: true,
};

/** Connections that were opened on a guess, while Kamal works. */
export interface GuessedHosts {
  /** The same connections when the guess was right, others when not. */
  confirm(ssh: KamalSsh): Hosts;
}

/**
 * Connects to the hosts that deploy.yml names, unless it says how: then nothing is known before Kamal has resolved it.
 * Not when new host keys are accepted: a guess must not make a host known.
 */
export function guessHosts(cli: Kamal, acceptNewHostKeys: boolean): GuessedHosts {
  const texts = deployFiles(cli.options).map((path) => readTextOrNull(resolve(cli.options.cwd, path)) ?? "");
  const isPlain = !texts.some((text) => /^ssh:/m.test(text));
  const open = (ssh: KamalSsh) => {
    const { HOME = "/root", SSH_AUTH_SOCK } = process.env;
    return openHosts({ ssh, acceptNewHostKeys, env: { HOME, SSH_AUTH_SOCK }, connectTimeoutSeconds: 10 });
  };
  const guessed = open(DEFAULT_SSH);
  if (isPlain && !acceptNewHostKeys) {
    for (const host of new Set(texts.flatMap((text) => staticHosts(text)))) void guessed.connect(host);
  }
  return {
    confirm(ssh) {
      if (isDeepStrictEqual(ssh, DEFAULT_SSH)) return guessed;
      guessed.close();
      return open(ssh);
    },
  };
}
