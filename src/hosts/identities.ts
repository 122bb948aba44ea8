import { readFileSync } from "node:fs";
import ssh2, { type IdentityCallback, type ParsedKey } from "ssh2";
import type { Route } from "./route.ts";

/** What a connection can prove itself with, in the order in which it is tried, and what was left out and why. */
export interface Identities {
  readonly agent: ssh2.BaseAgent | null;
  readonly keys: readonly ParsedKey[];
  /** For the message when nothing was accepted: paths and counts, never a key. */
  readonly tried: readonly string[];
  readonly skipped: readonly string[];
}

/**
 * Collects keys as net-ssh does: those of the agent first (with keysOnly only those that belong to a key file or to
 * key data), then key files and key data that the agent does not hold. Keys of the agent that belong to a key file go
 * before its others, so that a full agent does not use up the server's MaxAuthTries.
 */
export async function identitiesFor(route: Route, keyData: readonly string[]): Promise<Identities> {
  const skipped: string[] = [];
  const wanted: { readonly from: string; readonly publicKey: Buffer; readonly key: ParsedKey | null }[] = [];
  for (const [from, read] of [
    ...route.keyFiles.map((file) => [file, () => readFileSync(file, "utf8")] as const),
    ...keyData.map((data, index) => [`ssh.key_data ${index + 1}`, () => data] as const),
  ]) {
    const found = loadKey(from, read);
    if (typeof found === "string") skipped.push(`${from}: ${found}`);
    else wanted.push({ from, ...found });
  }

  const held = await agentKeys(route.agent, skipped);
  const isWanted = (key: ParsedKey) => wanted.some(({ publicKey }) => publicKey.equals(key.getPublicSSH()));
  const offered = [...held.filter(isWanted), ...(route.keysOnly ? [] : held.filter((key) => !isWanted(key)))];
  const rest = wanted.filter(({ publicKey }) => !held.some((key) => publicKey.equals(key.getPublicSSH())));
  for (const { from, key } of rest) {
    if (key === null)
      skipped.push(`${from}: protected by a passphrase, and no SSH agent holds it (ssh-add ${from})`);
  }
  const usable = rest.filter((identity) => identity.key !== null);
  return {
    agent: offered.length > 0 && route.agent !== null ? new AgentKeys(route.agent, offered) : null,
    keys: usable.flatMap(({ key }) => (key === null ? [] : [key])),
    tried: [
      ...(offered.length > 0 ? [`${offered.length} of the SSH agent`] : []),
      ...usable.map(({ from }) => from),
    ],
    skipped,
  };
}

/** The agent, offering only these of its keys. */
class AgentKeys extends ssh2.OpenSSHAgent {
  readonly #offered: readonly ParsedKey[];

  constructor(socket: string, offered: readonly ParsedKey[]) {
    super(socket);
    this.#offered = offered;
  }

  override getIdentities(done: IdentityCallback<ParsedKey>): void {
    done(undefined, [...this.#offered]);
  }
}

/** The key, with a null private part when only a passphrase or the agent can give it; or why there is none. */
function loadKey(path: string, read: () => string): { publicKey: Buffer; key: ParsedKey | null } | string {
  let text: string;
  try {
    text = read();
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? "not there" : (error as Error).message;
  }
  const parsed = first(ssh2.utils.parseKey(text));
  if (!(parsed instanceof Error)) {
    return { publicKey: parsed.getPublicSSH(), key: parsed.isPrivateKey() ? parsed : null };
  }
  if (!/encrypted|passphrase/i.test(parsed.message))
    return `not understood as a private key (${parsed.message})`;
  const publicKey = loadKey(`${path}.pub`, () => readFileSync(`${path}.pub`, "utf8"));
  return typeof publicKey === "string"
    ? `protected by a passphrase (add it to an SSH agent: ssh-add ${path})`
    : publicKey;
}

async function agentKeys(socket: string | null, skipped: string[]): Promise<readonly ParsedKey[]> {
  if (socket === null) return [];
  return new Promise((done) => {
    new ssh2.OpenSSHAgent(socket).getIdentities((error, keys) => {
      if (error) skipped.push(`SSH agent: ${error.message}`);
      done((keys ?? []) as readonly ParsedKey[]);
    });
  });
}

function first(parsed: ParsedKey | Error | readonly ParsedKey[]): ParsedKey | Error {
  return Array.isArray(parsed) ? (parsed[0] as ParsedKey) : (parsed as ParsedKey | Error);
}
