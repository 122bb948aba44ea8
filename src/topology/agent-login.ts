import { Failure } from "../errors.ts";
import { readFlags } from "../kamal/flags.ts";
import type { Accessory } from "../model/accessory.ts";
import type { ServerConnection, ServerTarget } from "../model/agent-policy.ts";
import type { Value } from "../model/secret.ts";

type Engine = ServerTarget["engine"];

/**
 * How an agent connects to an accessory's server: as the superuser that the official image was told to make, from the
 * accessory's own variables (hub.docker.com/_/postgres, _/mysql, _/mariadb).
 * @throws Failure `topology.no-password`, `topology.clear-password`.
 */
export function connectionTo(accessory: Accessory, engine: Engine): ServerConnection {
  const host = accessory.network === "host" ? "127.0.0.1" : accessory.container;
  return engine === "postgres" ? toPostgres(accessory, host) : toMysql(accessory, host, engine);
}

function toPostgres(accessory: Accessory, host: string): ServerConnection {
  const user = variableOf(accessory, ["POSTGRES_USER"]) ?? "postgres";
  const trusts = accessory.env.clear["POSTGRES_HOST_AUTH_METHOD"] === "trust";
  return {
    host,
    port: Number(readFlags(accessory.cmd)["port"] ?? "5432"),
    user,
    password: passwordOf(accessory, ["POSTGRES_PASSWORD"], trusts),
    database: variableOf(accessory, ["POSTGRES_DB"]) ?? user,
  };
}

function toMysql(accessory: Accessory, host: string, engine: Engine): ServerConnection {
  const names = (name: string) =>
    engine === "mariadb" ? [`MARIADB_${name}`, `MYSQL_${name}`] : [`MYSQL_${name}`];
  const mayBeEmpty = [...names("ALLOW_EMPTY_PASSWORD"), ...names("ALLOW_EMPTY_ROOT_PASSWORD")].some(
    (name) => accessory.env.clear[name] !== undefined,
  );
  return {
    host,
    port: 3306,
    user: "root",
    password: passwordOf(accessory, names("ROOT_PASSWORD"), mayBeEmpty),
    database: variableOf(accessory, names("DATABASE")) ?? null,
  };
}

/** Of the first variable that the accessory has. */
function variableOf({ env }: Accessory, names: readonly string[]): Value | undefined {
  for (const name of names) {
    const secret = env.secret[name];
    if (secret !== undefined) return { secret };
    if (env.clear[name] !== undefined) return env.clear[name];
  }
  return undefined;
}

/** As a secret's name: the agent's policy is a file of the checkout. */
function passwordOf(accessory: Accessory, names: readonly string[], mayBeAbsent: boolean): Value {
  const [name = ""] = names;
  const where = `accessories.${accessory.name}.env`;
  const password = variableOf(accessory, names);
  if (password === undefined && mayBeAbsent) return "";
  if (password === undefined) {
    throw new Failure("topology.no-password", `accessory "${accessory.name}" has no ${name} to log in with`, {
      where,
      todo: `Add ${name} to the accessory's env.secret: the password that its superuser has.`,
    });
  }
  if (typeof password === "string") {
    throw new Failure(
      "topology.clear-password",
      `${name} of accessory "${accessory.name}" is in clear text in deploy.yml`,
      { where },
    );
  }
  return password;
}
