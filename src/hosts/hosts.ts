import type ssh2 from "ssh2";
import { Failure } from "../errors.ts";
import type { KamalSsh } from "../kamal/types.ts";
import { dial, place } from "./connection.ts";
import { type ExecOptions, type ExecResult, execOn, unlessInterrupted } from "./exec.ts";
import { type Route, routeTo } from "./route.ts";

export interface HostsOptions {
  readonly ssh: KamalSsh;
  /** Trust a host of which no key is known, and remember its key. A changed key is refused all the same. */
  readonly acceptNewHostKeys: boolean;
  readonly env: { readonly HOME: string; readonly SSH_AUTH_SOCK?: string | undefined };
  readonly connectTimeoutSeconds: number;
}

/** The machines of deploy.yml, by the names it gives them. One connection each, shared by all commands. */
export interface Hosts {
  /**
   * Opens the connection, or waits for the one that is being opened. It may be called early and its result ignored:
   * a failure is told to the first `exec` then. Throws the failures of a connection: `host.*`.
   */
  connect(host: string): Promise<void>;
  /** Runs a command; see `execOn` for what is a result and what is a failure. */
  exec(host: string, argv: readonly string[], options?: ExecOptions): Promise<ExecResult>;
  /** Ends every connection. */
  close(): void;
}

/** Nothing is connected before the first `connect` or `exec`. A connection that ended is opened again when needed. */
export function openHosts(options: HostsOptions): Hosts {
  const connections = new Map<string, Promise<ssh2.Client>>();
  let closed = false;

  const connection = (route: Route): Promise<ssh2.Client> => {
    const key = JSON.stringify(route);
    const open = connections.get(key);
    if (open) return open;
    const opening = openRoute(route).then((client) => {
      client.once("close", () => {
        if (connections.get(key) === opening) connections.delete(key);
      });
      if (closed) client.end();
      return client;
    });
    connections.set(key, opening);
    opening.catch(() => {});
    return opening;
  };

  const openRoute = async (route: Route): Promise<ssh2.Client> => {
    const bastion = route.via === null ? null : await through(route, () => ready(route.via as Route));
    return dial(route, { ...options, keyData: options.ssh.keyData }, bastion);
  };

  // A failed attempt is forgotten once somebody has been told of it, so that the next command tries again.
  const ready = async (route: Route): Promise<ssh2.Client> => {
    const opening = connection(route);
    try {
      return await opening;
    } catch (error) {
      const key = JSON.stringify(route);
      if (connections.get(key) === opening) connections.delete(key);
      throw error;
    }
  };

  const routes = new Map<string, Route>();
  const route = (host: string): Route => {
    const known = routes.get(host) ?? routeTo(options, host);
    routes.set(host, known);
    return known;
  };

  return {
    connect: (host) => {
      const opened = (async () => void (await connection(route(host))))();
      opened.catch(() => {});
      return opened;
    },
    exec: async (host, argv, execOptions = {}) => {
      const to = route(host);
      const client = await unlessInterrupted(ready(to), argv[0] ?? "", to, execOptions.signal);
      return execOn(client, to, argv, execOptions);
    },
    close: () => {
      closed = true;
      for (const opening of connections.values()) opening.then((client) => client.end()).catch(() => {});
      connections.clear();
    },
  };
}

async function through<T>(route: Route, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw new Failure(error.code, `${route.title} is behind ${route.via?.title}: ${error.message}`, {
      where: place(route),
      todo: error.todo,
      ...(error.detail === undefined ? {} : { detail: error.detail }),
      cause: error,
    });
  }
}
