import { Failure } from "../errors.ts";
import {
  fingerprint,
  judgeHostKey,
  keyType,
  knownHostLine,
  knownHostName,
  knownKeyTypes,
} from "./known-hosts.ts";
import { appendKnownHost, readKnownHosts } from "./known-hosts-files.ts";
import type { Route } from "./route.ts";

/** The check of one connection's host key. */
export interface HostKeyCheck {
  /** In the order to offer: those of keys that are known first, so that a host with several keys shows a known one. */
  readonly algorithms: readonly ServerHostKeyAlgorithm[];
  /** For ssh2's hostVerifier, which calls it before the key's signature is verified, and again on every rekey. */
  readonly verify: (key: Buffer) => boolean;
  /** Why the key was refused; null when it was not. */
  readonly refusal: () => Failure | null;
  /** Remembers an accepted new key. To be called once the host has proven that it holds it. */
  readonly accept: () => void;
}

type ServerHostKeyAlgorithm = (typeof ALGORITHMS)[number];

// ssh2's own, without ssh-rsa and ssh-dss: signatures over SHA-1, which OpenSSH has turned off since 8.8.
const ALGORITHMS = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "rsa-sha2-512",
  "rsa-sha2-256",
] as const;

/** Reads the known_hosts files of the route and prepares the check. */
export function hostKeyCheck(route: Route, acceptNew: boolean): HostKeyCheck {
  const entries = readKnownHosts([...route.userKnownHosts, ...route.globalKnownHosts]);
  const known = knownKeyTypes(entries, route.knownAs, route.port);
  const isKnown = (algorithm: string) =>
    known.includes(algorithm.startsWith("rsa-sha2-") ? "ssh-rsa" : algorithm);
  let refused: Failure | null = null;
  let added: Buffer | null = null;

  const verify = (key: Buffer): boolean => {
    const found = judgeHostKey(entries, route.knownAs, route.port, key);
    if (found.verdict === "known" || added?.equals(key)) return true;
    const shown = `${route.title} shows the ${keyType(key)} key ${fingerprint(key)}`;
    const where = knownHostName(route.knownAs, route.port);
    if (found.verdict === "revoked") {
      refused = new Failure("host.key-revoked", `${shown}, which ${found.where} revokes`, { where });
    } else if (found.verdict === "changed") {
      refused = new Failure("host.key-changed", `${shown}, but another is known of it`, {
        where,
        todo: `If the host was really rebuilt, run ssh-keygen -R '${where}'; if not, somebody may be in between.`,
        detail: `Known at ${found.where.join(", ")}`,
      });
    } else if (acceptNew) {
      added = Buffer.from(key);
      return true;
    } else {
      refused = unknownKey(route, key, shown, found.certAuthority);
    }
    return false;
  };

  return {
    algorithms: [...ALGORITHMS].sort((a, b) => Number(isKnown(b)) - Number(isKnown(a))),
    verify,
    refusal: () => refused,
    accept: () => {
      const file = route.userKnownHosts[0];
      if (added === null) return;
      if (file === undefined) {
        throw new Failure("host.known-hosts", "there is no known_hosts file to add the key to", {
          where: route.title,
          todo: "Name one with UserKnownHostsFile in the SSH configuration.",
        });
      }
      appendKnownHost(file, knownHostLine(route.knownAs, route.port, added));
    },
  };
}

function unknownKey(route: Route, key: Buffer, shown: string, certAuthority: boolean): Failure {
  const file = route.userKnownHosts[0] ?? "~/.ssh/known_hosts";
  const authority = certAuthority
    ? "; known_hosts trusts a certificate authority for it (@cert-authority), which is not supported here"
    : "";
  return new Failure("host.key-unknown", `${shown}, which is not in known_hosts${authority}`, {
    where: knownHostName(route.knownAs, route.port),
    todo: "Compare the fingerprint with the host's own, then add the key with the command shown, or pass --accept-new-host-keys.",
    detail: `echo '${knownHostLine(route.knownAs, route.port, key)}' >> ${file}`,
  });
}
