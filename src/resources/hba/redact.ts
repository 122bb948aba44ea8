import type { HbaRule } from "../../model/policy.ts";
import { isSecretRef } from "../../model/secret.ts";
import type { SecretRef, Template } from "../../model/secret.ts";
import type { World } from "../kind.ts";
import type { HbaLine } from "./rule.ts";

/** The line as the server reads it. */
export function revealLine(line: HbaLine, world: World): string {
  return line.map((part) => (isSecretRef(part) ? world.reveal(part) : part)).join("");
}

/** The text with every secret user of the rules as its name, where it stands as a word of its own. */
export function hideUsers(text: string, rules: readonly HbaRule[], world: World): Template {
  const users = rules.map((rule) => rule.user).filter(isSecretRef);
  const byName = new Map(users.map((user) => [user.secret, user]));
  return [...byName.values()].reduce<readonly (string | SecretRef)[]>(
    (parts, user) =>
      parts.flatMap((part) => (isSecretRef(part) ? [part] : hide(part, user, world.reveal(user)))),
    [text],
  );
}

function hide(text: string, user: SecretRef, value: string): (string | SecretRef)[] {
  const word = new RegExp(`(?<![\\w.@-])${escape(value)}(?![\\w.@-])`, "g");
  const parts = text.split(word);
  return parts.flatMap((part, index) => (index === 0 ? [part] : [user, part]));
}

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
