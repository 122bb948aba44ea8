import { execFileSync } from "node:child_process";
import { onHost, sqlOn } from "../support/lab.ts";
import { agentContainer } from "./support.ts";

/** Something that the policy of the scenario `engines` backs up, as a test harms and reads it. */
export interface Subject {
  readonly target: string;
  readonly host: 1 | 2;
  /** What a restore in production has to be told. */
  readonly name: string;
  readonly repository: string;
  fill(): void;
  /** Loses something of it. */
  harm(): void;
  /** The same text for the same content. */
  read(): string;
}

type Where = Pick<Subject, "target" | "host" | "repository">;

const ROWS = 500;

/** Filled by the scenario. */
export function postgres(where: Where): Subject {
  const sql = (statement: string) => sqlOn(where.host, `teamyap-${where.target}`, statement);
  return {
    ...where,
    name: "teamyap_production",
    fill: () => undefined,
    harm: () => void sql("delete from users where id > 10"),
    read: () => sql("select md5(string_agg(u::text, ',' order by id)) from users u"),
  };
}

export function mariadb(where: Where): Subject {
  return shop(where, "MYSQL_PWD=$MARIADB_ROOT_PASSWORD mariadb");
}

/** With the certificate that its server makes for itself, as the official image does. */
export function mysql(where: Where): Subject {
  return shop(where, "MYSQL_PWD=$MYSQL_ROOT_PASSWORD mysql");
}

function shop(where: Where, program: string): Subject {
  const client = `${program} -h 127.0.0.1 -u root -N shop -e "$0"`;
  const sql = (statement: string) =>
    onHost(where.host, "docker", "exec", `teamyap-${where.target}`, "sh", "-c", client, statement);
  return {
    ...where,
    name: "shop",
    fill: () => {
      waitFor(() => sql("select 1"));
      sql(
        `create table users (id int primary key, name text character set utf8mb4);
         insert into users with recursive n (i) as (select 1 union all select i + 1 from n where i < ${ROWS})
           select i, concat('Åsa ', i) from n`,
      );
    },
    harm: () => void sql("drop table users"),
    read: () => sql("checksum table users"),
  };
}

/** By the sqlite3 of a container that has its directory: the agent's, if no other. */
export function sqlite(where: Where, container = agentContainer(where.host)): Subject {
  const path = `/backup/${where.target}/production.sqlite3`;
  const sql = (statement: string) =>
    onHost(where.host, "docker", "exec", container, "sqlite3", path, statement);
  return {
    ...where,
    name: "production",
    fill: () =>
      void sql(
        `pragma journal_mode = wal; create table users (id integer primary key, name text);
         insert into users select value, 'Åsa ' || value from generate_series(1, ${ROWS})`,
      ),
    harm: () => void sql("delete from users"),
    read: () => sql("select count(*), sum(id), group_concat(name) from users"),
  };
}

/** In a directory of the host. */
export function files(where: Where, directory: string): Subject {
  const sh = (script: string) => onHost(where.host, "sh", "-c", script, directory);
  return {
    ...where,
    name: where.target,
    fill: () =>
      void sh(
        `mkdir -p "$0/ab/cd" && cd "$0" && echo one >ab/cd/one && echo two >'ab/two ü' && ln -s cd/one ab/link &&
         chown 1000:1000 ab/cd/one && chmod 640 ab/cd/one && head -c 100000 /dev/urandom >big`,
      ),
    harm: () => void sh('rm -r "$0/ab/cd" && echo changed >"$0/ab/two ü"'),
    // What a restore kept lies in the same directory.
    read: () =>
      sh(
        `cd "$0" && find ab big -printf '%p %y %m %U:%G %l\\n' | sort && find ab big -type f -print0 | sort -z | xargs -0 sha256sum`,
      ),
  };
}

/** Until it no longer throws: a server that has just been booted. Over TCP, so that the image's first one is not meant. */
function waitFor(look: () => unknown): void {
  for (const until = Date.now() + 120_000; ; ) {
    try {
      look();
      return;
    } catch (error) {
      if (Date.now() > until) throw error;
      execFileSync("sleep", ["1"]);
    }
  }
}
