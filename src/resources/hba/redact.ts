import type { HbaRule } from "../../model/policy.ts";
import { isSecretRef } from "../../model/secret.ts";
import type { Template } from "../../model/secret.ts";
import type { World } from "../kind.ts";
import type { HbaLine } from "./rule.ts";

/** The line as the server reads it. */
export function revealLine(line: HbaLine, world: World): string {
  return line.map((part) => (isSecretRef(part) ? world.reveal(part) : part)).join("");
}

/** Words that a secret may be by chance (`POSTGRES_DB=all`), and that say nothing of it. */
const KEYWORDS =
  /^(all|replication|sameuser|samerole|samehost|samenet|local|host|trust|reject|peer|md5|scram-sha-256)$/;

/**
 * The text with every value of `.kamal/secrets` as its name, where it stands as a word of its own. Not only those of
 * the rules: the block of the last apply, and rules of others, may hold them too.
 */
export function hideSecrets(text: string, rules: readonly HbaRule[], world: World): Template {
  const ofRules = new Set(
    rules.map((rule) => rule.user).flatMap((user) => (isSecretRef(user) ? [user.secret] : [])),
  );
  const values = [...world.secrets]
    .map(([name, secret]): [value: string, name: string] => [secret.reveal(), name])
    .filter(([value, name]) => value !== "" && (ofRules.has(name) || !KEYWORDS.test(value)))
    .sort(([a, nameOfA], [b, nameOfB]) => b.length - a.length || (nameOfA < nameOfB ? 1 : -1));
  if (values.length === 0) return [text];
  const names = new Map(values);
  const word = new RegExp(
    `(?<![\\w.@-])(${values.map(([value]) => escapeForRegExp(value)).join("|")})(?![\\w.@-])`,
  );
  return text
    .split(word)
    .map((part, index) => (index % 2 === 0 ? part : { secret: names.get(part) as string }));
}

function escapeForRegExp(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
