import { execFileSync } from "node:child_process";
import { appendFileSync, chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

const DEBIAN = "/usr/lib/postgresql";
const MAJOR = Math.max(...readdirSync(DEBIAN).map(Number).filter(Number.isInteger));

export const SUPERUSER = "teamyap";
export const PASSWORD = "canary-superuser-4711";

/** A PostgreSQL server of this machine's packages, on a port of 127.0.0.1 that asks for a password. */
export interface Cluster {
  readonly directory: string;
  readonly port: number;
  /** Runs a script with psql as the superuser; what it printed, unaligned, without headers. Throws on its first error. */
  psql(database: string, sql: string): string;
  /** The same for a file. */
  load(database: string, file: string): void;
  stop(): void;
}

export async function startCluster(settings: Readonly<Record<string, string>> = {}): Promise<Cluster> {
  const directory = mkdtempSync("/tmp/kb-pg-");
  const port = await freePort();
  if (process.getuid?.() === 0) {
    const [, , uid, gid] = execFileSync("getent", ["passwd", "postgres"], { encoding: "utf8" }).split(":");
    chownSync(directory, Number(uid), Number(gid));
  }
  chmodSync(directory, 0o755);
  const data = join(directory, "data");
  const initdb = [
    "-D",
    data,
    "-U",
    SUPERUSER,
    "--auth-local=trust",
    "--auth-host=scram-sha-256",
    "--no-sync",
  ];
  asServer("initdb", [...initdb, "--encoding=UTF8", "--locale=C.UTF-8"]);
  const configuration = { fsync: "off", unix_socket_directories: directory, port: String(port), ...settings };
  for (const [name, value] of Object.entries(configuration))
    appendFileSync(join(data, "postgresql.conf"), `${name} = '${value}'\n`);
  asServer("pg_ctl", ["start", "-w", "-t", "60", "-D", data, "-l", join(directory, "log")]);
  const run = (database: string, argv: string[], input: string): string =>
    execFileSync(join(DEBIAN, String(MAJOR), "bin/psql"), ["-X", "-qAt", "-v", "ON_ERROR_STOP=1", ...argv], {
      env: {
        PATH: process.env["PATH"],
        PGHOST: directory,
        PGPORT: String(port),
        PGUSER: SUPERUSER,
        PGDATABASE: database,
      },
      input,
      encoding: "utf8",
      stdio: ["pipe", "pipe", "pipe"],
    }).trim();
  run("postgres", [], `ALTER ROLE ${SUPERUSER} PASSWORD '${PASSWORD}'`);
  return {
    directory,
    port,
    psql: (database, sql) => run(database, [], sql),
    load: (database, file) => void run(database, ["-f", file], ""),
    stop: () => {
      asServer("pg_ctl", ["stop", "-m", "immediate", "-w", "-D", data]);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** A directory that the server's account may get through, on a short path. */
export function scratch(): string {
  const directory = mkdtempSync("/tmp/kb-scratch-");
  mkdirSync(join(directory, "s"), { mode: 0o700 });
  chmodSync(directory, 0o755);
  return join(directory, "s");
}

function asServer(name: string, argv: readonly string[]): void {
  const program = join(DEBIAN, String(MAJOR), "bin", name);
  const changed = ["--reuid=postgres", "--regid=postgres", "--init-groups", program, ...argv];
  const [command, all] = process.getuid?.() === 0 ? ["setpriv", changed] : [program, argv];
  execFileSync(command, all, { cwd: "/", stdio: ["ignore", "ignore", "inherit"] });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
