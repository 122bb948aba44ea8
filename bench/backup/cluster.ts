import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** A Postgres of this machine, in a directory of its own, on a Unix socket. */
export interface Cluster {
  /** Of the newest Postgres that is installed. */
  readonly bin: string;
  /** Directory of the socket. */
  readonly socket: string;
  sql(statement: string): string;
  file(path: string, variables: Readonly<Record<string, string>>): void;
  stop(): void;
}

const VERSIONS = "/usr/lib/postgresql";

/** As root Postgres refuses to run: it is run as the user that its package made. */
export function startCluster(directory: string): Cluster {
  const newest = readdirSync(VERSIONS).sort((a, b) => Number(b) - Number(a))[0] ?? "";
  const bin = join(VERSIONS, newest, "bin");
  const data = join(directory, "data");
  const owner = Number(execFileSync("id", ["-u", "postgres"], { encoding: "utf8" }));
  const group = Number(execFileSync("id", ["-g", "postgres"], { encoding: "utf8" }));
  mkdirSync(data, { recursive: true });
  chmodSync(directory, 0o755);
  for (const path of [directory, data]) chownSync(path, owner, group);
  const asPostgres = (program: string, ...argv: string[]) =>
    execFileSync("setpriv", ["--reuid=postgres", "--regid=postgres", "--init-groups", program, ...argv], {
      cwd: directory,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
      maxBuffer: 64 * 1024 * 1024,
    });
  asPostgres(join(bin, "initdb"), "-D", data, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8");
  const settings = [
    "listen_addresses=''",
    `unix_socket_directories=${directory}`,
    "max_wal_size=4GB",
    "shared_buffers=512MB",
  ];
  const options = settings.map((setting) => `-c ${setting}`).join(" ");
  asPostgres(
    join(bin, "pg_ctl"),
    "-D",
    data,
    "-o",
    options,
    "-l",
    join(directory, "log"),
    "-w",
    "start",
    "-s",
  );
  const psql = ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", directory, "-d", "app"];
  asPostgres(join(bin, "createdb"), "-h", directory, "app");
  return {
    bin,
    socket: directory,
    sql: (statement) => asPostgres(join(bin, "psql"), ...psql, "-c", statement).trim(),
    file(path, variables) {
      const set = Object.entries(variables).flatMap(([name, value]) => ["-v", `${name}=${value}`]);
      asPostgres(join(bin, "psql"), ...psql, ...set, "-f", path);
    },
    stop: () => void asPostgres(join(bin, "pg_ctl"), "-D", data, "-m", "fast", "-w", "-s", "stop"),
  };
}
