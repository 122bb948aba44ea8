import { resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { openHosts } from "../hosts/hosts.ts";
import type { Hosts } from "../hosts/hosts.ts";
import type { Kamal } from "../kamal/cli.ts";
import { deployFiles } from "../kamal/deploy-files.ts";
import { staticHosts } from "../kamal/static-hosts.ts";
import { staticSsh } from "../kamal/static-ssh.ts";
import type { KamalSsh } from "../kamal/types.ts";
import { readTextOrNull } from "./project.ts";

/** Connections that were opened on a guess, while Kamal works. */
export interface GuessedHosts {
  /** The same connections when the guess was right, others when not. */
  confirm(ssh: KamalSsh): Hosts;
}

/**
 * Connects to the hosts that deploy.yml names, where its text alone tells how.
 * Not when new host keys are accepted: a guess must not make a host known.
 */
export function guessHosts(cli: Kamal, acceptNewHostKeys: boolean): GuessedHosts {
  const texts = deployFiles(cli.options).map((path) => readTextOrNull(resolve(cli.options.cwd, path)) ?? "");
  const guess = acceptNewHostKeys ? null : staticSsh(texts);
  const open = (ssh: KamalSsh) => {
    const { HOME = "/root", SSH_AUTH_SOCK } = process.env;
    return openHosts({ ssh, acceptNewHostKeys, env: { HOME, SSH_AUTH_SOCK }, connectTimeoutSeconds: 10 });
  };
  if (guess === null) return { confirm: open };
  const guessed = open(guess);
  for (const host of new Set(texts.flatMap((text) => staticHosts(text)))) void guessed.connect(host);
  return {
    confirm(ssh) {
      if (isDeepStrictEqual(ssh, guess)) return guessed;
      guessed.close();
      return open(ssh);
    },
  };
}
