import { resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { openHosts } from "../hosts/hosts.ts";
import type { Hosts } from "../hosts/hosts.ts";
import type { Kamal } from "../kamal/cli.ts";
import { deployFiles } from "../kamal/deploy-files.ts";
import { staticHosts } from "../kamal/static-hosts.ts";
import type { KamalSsh } from "../kamal/types.ts";
import { readTextOrNull } from "./project.ts";

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
