import { createHmac, scryptSync } from "node:crypto";
import { Failure } from "../errors.ts";
import { canonicalJson } from "../model/canonical.ts";
import { isSecretRef } from "../model/secret.ts";
import type { Secret, Value } from "../model/secret.ts";
import type { Topology } from "../model/topology.ts";
import type { World } from "../resources/kind.ts";

/** Hexadecimal digits that a plan shows of a secret's HMAC. */
const SHOWN_DIGITS = 12;

/** What kinds derive their resources from, with the secrets at hand but never in sight. */
export function createWorld(
  topology: Topology,
  secrets: ReadonlyMap<string, Secret>,
  manifestPaths: readonly string[],
): World {
  let key: Buffer | undefined;
  return {
    topology,
    secrets,
    manifestPaths,
    reveal: (value) => revealValue(value, secrets),
    hmac(value) {
      key ??= hmacKey(topology.service, secrets);
      return createHmac("sha256", key).update(value).digest("hex").slice(0, SHOWN_DIGITS);
    },
  };
}

/**
 * The value itself, for its purpose only.
 * @throws Failure `secrets.undefined`.
 */
export function revealValue(value: Value, secrets: ReadonlyMap<string, Secret>): string {
  if (!isSecretRef(value)) return value;
  const secret = secrets.get(value.secret);
  if (secret === undefined) {
    throw new Failure(
      "secrets.undefined",
      `the policy names the secret ${value.secret}, which is not defined`,
    );
  }
  return secret.reveal();
}

/** Guessing a secret from its HMAC costs a scrypt a guess, and needs every other secret too. */
function hmacKey(service: string, secrets: ReadonlyMap<string, Secret>): Buffer {
  const all = [...secrets].map(([name, secret]): [string, string] => [name, secret.reveal()]);
  return scryptSync(canonicalJson(Object.fromEntries(all)), `kamal-backup:${service}`, 32);
}
