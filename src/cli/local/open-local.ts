import { Failure } from "../../errors.ts";
import type { LocalDatabase, LocalUrl } from "./local-database.ts";
import { localMysql } from "./local-mysql.ts";
import { localPostgres } from "./local-postgres.ts";

const SCHEMES: Readonly<Record<string, { readonly engines: readonly string[]; readonly open: Open }>> = {
  "postgres:": { engines: ["postgres"], open: localPostgres },
  "postgresql:": { engines: ["postgres"], open: localPostgres },
  "mysql:": { engines: ["mysql", "mariadb"], open: localMysql },
  "mysql2:": { engines: ["mysql", "mariadb"], open: localMysql },
  "mariadb:": { engines: ["mysql", "mariadb"], open: localMysql },
};

type Open = (url: LocalUrl) => LocalDatabase;

/**
 * The database that a URL such as `postgres://user:password@localhost/app` names.
 * @throws Failure `cli.usage` where it is no URL of a database of that engine. Never shows the URL: it may hold a password.
 */
export function openLocal(text: string, engine: string): LocalDatabase {
  const url = URL.canParse(text) ? new URL(text) : null;
  const scheme = url === null ? undefined : SCHEMES[url.protocol];
  const example = `${engine === "postgres" ? "postgres" : "mysql"}://user:password@localhost/app`;
  if (url === null || scheme === undefined || !scheme.engines.includes(engine)) {
    throw new Failure("cli.usage", `--to takes the URL of a ${engine} database, such as ${example}`);
  }
  const database = decodeURIComponent(url.pathname.slice(1));
  if (database === "") throw new Failure("cli.usage", `--to names no database: write it as ${example}`);
  return scheme.open({
    host: decodeURIComponent(url.hostname).replace(/^\[(.*)\]$/, "$1"),
    port: url.port,
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database,
    options: Object.fromEntries(url.searchParams),
  });
}
