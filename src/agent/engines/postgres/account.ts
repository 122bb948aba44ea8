import { readFile } from "node:fs/promises";
import { Failure } from "../../../errors.ts";
import type { Account } from "../../../tools/postgres/server-argv.ts";

/** That Debian's packages and the official image make. */
const NAME = "postgres";

/**
 * Whom a server runs as: it refuses to run as root. Null: as we do, who are not root.
 * @throws Failure `engine.program-missing` where there is no such account
 */
export async function accountOfServer(): Promise<Account | null> {
  if (process.getuid?.() !== 0) return null;
  const account = accountIn(await readFile("/etc/passwd", "utf8"), NAME);
  if (account !== null) return account;
  throw new Failure("engine.program-missing", `there is no user ${NAME} for a throwaway server to run as`);
}

/** The account of that name in the text of passwd(5); null without one. */
export function accountIn(passwd: string, name: string): Account | null {
  for (const line of passwd.split("\n")) {
    const [user, , uid, gid] = line.split(":");
    if (user === name) return { name, uid: Number(uid), gid: Number(gid) };
  }
  return null;
}
