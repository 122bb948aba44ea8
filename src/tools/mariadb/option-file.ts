/** How a client reaches a server. */
export interface MariadbLogin {
  /** A name, an address, or a directory that holds the socket `mysqld.sock`. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

/**
 * The option file of every client program, for `--defaults-file`. It holds a password: write it with mode 0600. User and
 * password are in it and neither in argv, which everybody can read, nor in an environment, which all children inherit.
 *
 * `loose-`: options that not every program of the family knows. From 11.4 on MariaDB's clients refuse a certificate that
 * nobody signed, which is what every server in a container makes for itself; they still encrypt.
 */
export function optionFile({ host, port, user, password }: MariadbLogin): string {
  const where = host.startsWith("/")
    ? [`socket=${quoted(`${host}/mysqld.sock`)}`, "protocol=socket"]
    : [`host=${quoted(host)}`, `port=${port}`, "protocol=tcp"];
  return [
    "[client]",
    ...where,
    `user=${quoted(user)}`,
    `password=${quoted(password)}`,
    "default-character-set=utf8mb4",
    "loose-skip-ssl-verify-server-cert",
    "loose-connect-timeout=10",
    "",
  ].join("\n");
}

/** As option files write a value in which `#` and blanks stand for themselves. */
function quoted(value: string): string {
  const escaped = value.replaceAll("\\", "\\\\").replaceAll('"', '\\"');
  return `"${escaped.replaceAll("\n", "\\n").replaceAll("\r", "\\r").replaceAll("\t", "\\t")}"`;
}
