import { accessSync, constants } from "node:fs";
import { join } from "node:path";

/** MariaDB's name of each program first, then the older one, which is MySQL's too. */
const NAMES = {
  client: ["mariadb", "mysql"],
  dump: ["mariadb-dump", "mysqldump"],
  server: ["mariadbd", "mysqld"],
  install: ["mariadb-install-db", "mysql_install_db"],
} as const;

/** Absolute path of a program of the family; null where it is not installed. */
export function findProgram(program: keyof typeof NAMES, path = process.env["PATH"] ?? ""): string | null {
  // Servers are in sbin, which is not in everybody's PATH.
  const directories = [
    ...path.split(":").filter((each) => each.startsWith("/")),
    "/usr/sbin",
    "/usr/local/sbin",
  ];
  for (const name of NAMES[program]) {
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
