import { createReadStream } from "node:fs";
import { Failure } from "../../errors.ts";
import type { ToolOptions } from "../../tools/run.ts";
import type { LocalDatabase, LocalUrl } from "./local-database.ts";
import { runLocal } from "./run-local.ts";

const INSTALL = "the MariaDB or MySQL client (mariadb-client)";

/** By the program `mysql`, or `mariadb` where only that one is. The password is in MYSQL_PWD, in no argv. */
export function localMysql(url: LocalUrl): LocalDatabase {
  const { database, host, port, user, password } = url;
  const connection = [
    ...(host === "" ? [] : [`--host=${host}`]),
    // A name would be taken for the Unix socket: what is asked for is this host and port.
    ...(port === "" ? [] : [`--port=${port}`, "--protocol=tcp"]),
    ...(user === "" ? [] : [`--user=${user}`]),
  ];
  const env = password === "" ? {} : { MYSQL_PWD: password };
  const ask = async (on: readonly string[], sql: string, signal: AbortSignal) => {
    const argv = [...connection, "--batch", "--skip-column-names", "--raw", ...on];
    return (await client(argv, env, () => ({ signal, stdin: `${sql}\n` }))).replace(/\n$/, "");
  };
  const named = `'${database.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
  const quoted = `\`${database.replaceAll("`", "``")}\``;
  return {
    name: database,
    hasTables: async (signal) =>
      (await ask(
        [],
        `select count(*) from information_schema.tables where table_schema = ${named};`,
        signal,
      )) !== "0",
    async restore(file, signal) {
      const there = await ask([], `show databases where \`Database\` = ${named};`, signal);
      await ask([], `drop database if exists ${quoted}; create database ${quoted};`, signal);
      try {
        const argv = [...connection, `--database=${database}`];
        await client(argv, env, () => ({ signal, stdin: createReadStream(file) }));
      } catch (error) {
        const again = there === "" ? "" : `create database ${quoted};`;
        const patient = new AbortController().signal;
        await ask([], `drop database if exists ${quoted}; ${again}`, patient).catch(() => {});
        throw error;
      }
    },
    async ask(sql, signal) {
      const value = await ask([`--database=${database}`], `${sql.replace(/[\s;]+$/, "")};`, signal);
      return value === "NULL" || value === "" ? null : value;
    },
  };
}

async function client(
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
  options: () => ToolOptions,
): Promise<string> {
  try {
    return await runLocal({ program: "mysql", argv, env }, INSTALL, options());
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== "local.program-missing") throw error;
    return await runLocal({ program: "mariadb", argv, env }, INSTALL, options());
  }
}
