import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { matchesPatternList } from "./patterns.ts";

/** One entry of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
export interface KnownHost {
  readonly marker: "revoked" | "cert-authority" | null;
  /** As written: a comma-separated pattern list, or one hashed name `|1|salt|hash`. */
  readonly names: string;
  readonly type: string;
  /** The key as it travels, in the format of RFC 4253, 6.6. */
  readonly key: Buffer;
  /** `file:line`. */
  readonly where: string;
}

/** What the known_hosts files say of a key that a host has shown. */
export type KeyVerdict =
  | { readonly verdict: "known" }
  | { readonly verdict: "revoked"; readonly where: string }
  /** `where`: the entries that hold the host's other keys. */
  | { readonly verdict: "changed"; readonly where: readonly string[] }
  /** `certAuthority`: an entry trusts a certificate authority for this host, which is not supported here. */
  | { readonly verdict: "unknown"; readonly certAuthority: boolean };

/** The entries of a known_hosts file. Lines that are not understood are skipped, as OpenSSH does. */
export function parseKnownHosts(text: string, file: string): readonly KnownHost[] {
  return text.split("\n").flatMap((line, index) => {
    const words = line.trim().split(/[ \t]+/);
    if (words[0] === undefined || words[0] === "" || words[0].startsWith("#")) return [];
    const marked = words[0].startsWith("@") ? words.shift() : undefined;
    const [names, type, base64] = words;
    if (names === undefined || type === undefined || base64 === undefined) return [];
    const marker = marked === "@revoked" ? "revoked" : marked === "@cert-authority" ? "cert-authority" : null;
    if (marked !== undefined && marker === null) return [];
    const key = Buffer.from(base64, "base64");
    if (keyType(key) !== type) return [];
    return [{ marker, names, type, key, where: `${file}:${index + 1}` }];
  });
}

/**
 * What to make of the key that a host has shown. A host of which other keys are known, and this one not, counts as
 * changed even when the types differ: known types are offered first, so the host would have shown one it still has.
 * An entry without a port also vouches for the host on another port, as in OpenSSH, but never makes it "changed".
 */
export function judgeHostKey(
  entries: readonly KnownHost[],
  host: string,
  port: number,
  key: Buffer,
): KeyVerdict {
  const name = knownHostName(host, port);
  const exact = entries.filter((entry) => matchesName(entry.names, name));
  const bare = name === host ? [] : entries.filter((entry) => matchesName(entry.names, host));
  const revoked = [...exact, ...bare].find((entry) => entry.marker === "revoked" && entry.key.equals(key));
  if (revoked) return { verdict: "revoked", where: revoked.where };
  const own = exact.filter((entry) => entry.marker === null);
  const vouching = [...own, ...bare.filter((entry) => entry.marker === null)];
  if (vouching.some((entry) => entry.key.equals(key))) return { verdict: "known" };
  if (own.length > 0) return { verdict: "changed", where: own.map((entry) => entry.where) };
  return { verdict: "unknown", certAuthority: exact.some((entry) => entry.marker === "cert-authority") };
}

/** The types of the keys known of a host, for the order in which host key algorithms are offered. */
export function knownKeyTypes(entries: readonly KnownHost[], host: string, port: number): readonly string[] {
  const types = (name: string) =>
    entries
      .filter((entry) => entry.marker === null && matchesName(entry.names, name))
      .map((entry) => entry.type);
  const exact = types(knownHostName(host, port));
  return [...new Set(exact.length > 0 ? exact : types(host))];
}

/** How known_hosts names a host: `[host]:port` unless the port is 22. */
export function knownHostName(host: string, port: number): string {
  return port === 22 ? host : `[${host}]:${port}`;
}

/** The line to add for a host's key. */
export function knownHostLine(host: string, port: number, key: Buffer): string {
  return `${knownHostName(host, port)} ${keyType(key)} ${key.toString("base64")}`;
}

/** As ssh-keygen -l shows it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
}

/** The type that a key in its travelling format names; empty when it is no key. */
export function keyType(key: Buffer): string {
  if (key.length < 4) return "";
  const length = key.readUInt32BE(0);
  return key.length > 4 + length ? key.toString("latin1", 4, 4 + length) : "";
}

function matchesName(names: string, name: string): boolean {
  if (!names.startsWith("|")) return matchesPatternList(names.split(","), name);
  const [, version, salt, hash] = names.split("|");
  if (version !== "1" || salt === undefined || hash === undefined) return false;
  const wanted = Buffer.from(hash, "base64");
  const found = createHmac("sha1", Buffer.from(salt, "base64")).update(name.toLowerCase()).digest();
  return wanted.length === found.length && timingSafeEqual(wanted, found);
}
