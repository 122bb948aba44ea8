import { createHash, createHmac, pbkdf2Sync, timingSafeEqual } from "node:crypto";
import { preparePassword } from "./saslprep.ts";

/** Postgres' own number of iterations (scram_iterations, since 16 a setting). */
export const SCRAM_ITERATIONS = 4096;

/** Bytes of salt that Postgres generates. */
export const SCRAM_SALT_BYTES = 16;

/**
 * The password's verifier as pg_authid.rolpassword holds it: `SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey`, each
 * part in base64 (RFC 5802, section 3, and RFC 7677). Postgres stores one that it is given in `PASSWORD` as it is.
 */
export function scramVerifier(password: string, salt: Uint8Array, iterations: number): string {
  const salted = pbkdf2Sync(preparePassword(password), salt, iterations, 32, "sha256");
  const clientKey = createHmac("sha256", salted).update("Client Key").digest();
  const storedKey = createHash("sha256").update(clientKey).digest("base64");
  const serverKey = createHmac("sha256", salted).update("Server Key").digest("base64");
  return `SCRAM-SHA-256$${iterations}:${Buffer.from(salt).toString("base64")}$${storedKey}:${serverKey}`;
}

const VERIFIER = /^SCRAM-SHA-256\$(\d{1,9}):([A-Za-z0-9+/]+=*)\$[A-Za-z0-9+/]+=*:[A-Za-z0-9+/]+=*$/;

/**
 * Whether the verifier is one of this password. False for anything that is no SCRAM-SHA-256 verifier: an md5 hash, or
 * no password at all.
 */
export function matchesVerifier(password: string, verifier: string): boolean {
  const [, iterations, salt] = VERIFIER.exec(verifier) ?? [];
  if (iterations === undefined || salt === undefined || Number(iterations) < 1) return false;
  const expected = Buffer.from(scramVerifier(password, Buffer.from(salt, "base64"), Number(iterations)));
  const actual = Buffer.from(verifier);
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}
