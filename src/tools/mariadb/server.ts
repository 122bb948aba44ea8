/** Where a throwaway server lives; all paths are within `directory`. */
export interface ThrowawayPlace {
  readonly directory: string;
  /** Of the system, to run as; null: the one that starts it. */
  readonly user: string | null;
}

/** Makes the system tables: `root` of localhost has no password, and there is no other account. */
export function installArgv({ directory, user }: ThrowawayPlace, mysql: boolean): string[] {
  const own = mysql
    ? ["--initialize-insecure"]
    : // --force: without it the script wants to resolve the machine's own name.
      ["--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve", "--force"];
  return ["--no-defaults", ...own, `--datadir=${directory}/data`, ...asUser(user)];
}

/**
 * A server without network, on the socket `mysqld.sock`. It is thrown away, so nothing is written for a crash; events
 * do not run; a row may be as big as the protocol lets it.
 */
export function serverArgv({ directory, user }: ThrowawayPlace, mysql: boolean): string[] {
  return [
    "--no-defaults",
    `--datadir=${directory}/data`,
    `--socket=${directory}/mysqld.sock`,
    `--pid-file=${directory}/server.pid`,
    `--log-error=${directory}/server.log`,
    `--tmpdir=${directory}`,
    "--skip-networking",
    ...(mysql ? ["--mysqlx=OFF", "--disable-log-bin", "--secure-file-priv=NULL"] : ["--skip-log-bin"]),
    "--event-scheduler=OFF",
    "--log-bin-trust-function-creators=ON",
    "--max-allowed-packet=1G",
    "--innodb-buffer-pool-size=128M",
    "--innodb-flush-log-at-trx-commit=0",
    "--skip-innodb-doublewrite",
    ...asUser(user),
  ];
}

function asUser(user: string | null): string[] {
  return user === null ? [] : [`--user=${user}`];
}
