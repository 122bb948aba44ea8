import type { Secret } from "../../model/secret.ts";

/**
 * Variables that name a user or a database (hub.docker.com/_/postgres, _/mysql, _/mariadb). The app is often called so, too:
 * a text without them says nothing.
 */
const NAMES = /^(?:POSTGRES_(?:USER|DB)|(?:MYSQL|MARIADB)_(?:USER|DATABASE))$/;

/** What must not be seen of `.kamal/secrets` in the log of an agent, by the name to print in its place. */
export function maskedValues(secrets: ReadonlyMap<string, Secret>): Readonly<Record<string, string>> {
  const masked = [...secrets].filter(([name]) => !NAMES.test(name));
  return Object.fromEntries(masked.map(([name, secret]) => [name, secret.reveal()]));
}
