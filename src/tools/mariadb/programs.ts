import { accessSync, constants, realpathSync } from "node:fs";
import { basename, join } from "node:path";

/** MariaDB's name of each program first, then the older one, which is MySQL's too. */
const NAMES = {
  client: ["mariadb", "mysql"],
  dump: ["mariadb-dump", "mysqldump"],
  install: ["mariadb-install-db", "mysql_install_db"],
} as const;

export interface ServerProgram {
  readonly path: string;
  /** MySQL's own, which makes its system tables itself. */
  readonly isMysql: boolean;
}

/** The server for a dump of that family: its own where it is installed, else the other one; null: neither is. */
export function findServer(
  family: "mysql" | "mariadb",
  path = process.env["PATH"] ?? "",
): ServerProgram | null {
  const mariadbd = firstOf(["mariadbd"], path);
  const mysqld = firstOf(["mysqld"], path);
  const found = [
    ...(mariadbd === null ? [] : [{ path: mariadbd, isMysql: false }]),
    // MariaDB's package has a link of that name.
    ...(mysqld === null || basename(realpathSync(mysqld)) === "mariadbd"
      ? []
      : [{ path: mysqld, isMysql: true }]),
  ];
  return found.find(({ isMysql }) => isMysql === (family === "mysql")) ?? found[0] ?? null;
}

/** Absolute path of a program of the family; null where it is not installed. */
export function findProgram(program: keyof typeof NAMES, path = process.env["PATH"] ?? ""): string | null {
  return firstOf(NAMES[program], path);
}

function firstOf(names: readonly string[], path: string): string | null {
  // Servers are in sbin, which is not in everybody's PATH.
  const directories = [
    ...path.split(":").filter((each) => each.startsWith("/")),
    "/usr/sbin",
    "/usr/local/sbin",
  ];
  for (const name of names) {
    for (const directory of directories) {
      const candidate = join(directory, name);
      if (isExecutable(candidate)) return candidate;
    }
  }
  return null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
