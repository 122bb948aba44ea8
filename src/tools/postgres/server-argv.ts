import { join } from "node:path";
import type { Tool } from "../run.ts";
import type { Programs } from "./programs.ts";

/** A user of this system. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** How long a throwaway may take to start or to stop, in seconds. */
const WAIT_SECONDS = 60;

/** Makes a cluster whose superuser is `superuser`; no password is asked for on its socket, and no network gets in. */
export function initdb(
  programs: Programs,
  account: Account | null,
  dataDirectory: string,
  superuser: string,
): Tool {
  const argv = [
    `--pgdata=${dataDirectory}`,
    `--username=${superuser}`,
    "--auth-local=trust",
    "--auth-host=reject",
    "--encoding=UTF8",
    "--locale=C.UTF-8",
    "--no-sync",
    "--no-instructions",
  ];
  return asAccount(account, programs.path("initdb"), argv);
}

/** Starts it and waits until it takes connections. The server is in a session of its own, its log in a file. */
export function startServer(programs: Programs, account: Account | null, directory: string): Tool {
  const log = join(directory, "server.log");
  return pgCtl(programs, account, directory, [
    "start",
    "--wait",
    `--timeout=${WAIT_SECONDS}`,
    `--log=${log}`,
  ]);
}

/** Ends it without a checkpoint and waits until it is gone. */
export function stopServer(programs: Programs, account: Account | null, directory: string): Tool {
  const argv = ["stop", "--mode=immediate", "--wait", `--timeout=${WAIT_SECONDS}`];
  return pgCtl(programs, account, directory, argv);
}

function pgCtl(
  programs: Programs,
  account: Account | null,
  directory: string,
  argv: readonly string[],
): Tool {
  return asAccount(account, programs.path("pg_ctl"), [...argv, `--pgdata=${join(directory, "data")}`]);
}

function asAccount(account: Account | null, program: string, argv: readonly string[]): Tool {
  if (account === null) return { program, argv, env: {} };
  const { name } = account;
  const change = [`--reuid=${name}`, `--regid=${account.gid}`, "--init-groups", "--", program, ...argv];
  return { program: "setpriv", argv: change, env: {} };
}
