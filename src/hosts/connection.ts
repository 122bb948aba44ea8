import { once } from "node:events";
import type { Duplex } from "node:stream";
import ssh2, { type AnyAuthMethod } from "ssh2";
import { Failure, type FailureOptions } from "../errors.ts";
import { type HostKeyCheck, hostKeyCheck } from "./host-key-check.ts";
import { type Identities, identitiesFor } from "./identities.ts";
import { spawnProxy } from "./proxy-command.ts";
import type { Route } from "./route.ts";

export interface DialOptions {
  readonly acceptNewHostKeys: boolean;
  /** Private keys themselves. */
  readonly keyData: readonly string[];
  /** For the whole of a connection: TCP, handshake and authentication. */
  readonly connectTimeoutSeconds: number;
}

/** Three unanswered keep-alives in a row end a connection. */
const KEEPALIVE_SECONDS = 10;

/**
 * An authenticated connection along the route. `bastion` is the connection to `route.via`. Throws `host.unreachable`,
 * `host.auth-failed`, `host.key-unknown`, `host.key-changed`, `host.key-revoked`, `host.known-hosts`.
 */
export async function dial(
  route: Route,
  options: DialOptions,
  bastion: ssh2.Client | null,
): Promise<ssh2.Client> {
  const deadline = AbortSignal.timeout(options.connectTimeoutSeconds * 1000);
  const [identities, tunnel] = await within(
    deadline,
    Promise.all([identitiesFor(route, options.keyData), tunnelFor(route, bastion)]),
    () => unreachable(route, `no answer in ${options.connectTimeoutSeconds} s`),
  );
  const check = hostKeyCheck(route, options.acceptNewHostKeys);
  const client = new ssh2.Client();
  let handshaken = false;
  client.once("handshake", () => {
    handshaken = true;
  });
  // ssh2 leaves Nagle's algorithm on: 40 ms for every small packet that follows another.
  client.once("connect", () => client.setNoDelay(true));
  const ready = new Promise<void>((resolve, reject) => {
    const fail = (error: Error & { level?: string }) => {
      // An agent that cannot sign with one key is no end: the next key is tried.
      if (error.level !== "agent")
        reject(connectFailure(route, error, { check, identities, handshaken, tunnel }));
    };
    // Later errors are told by the close that follows them; without a listener they would end the process.
    client.on("error", fail);
    client.once("ready", () => {
      try {
        check.accept();
        resolve();
      } catch (error) {
        reject(error);
      }
    });
    client.once("close", () => fail(new Error("the connection was closed")));
  });
  client.connect({
    host: route.address,
    port: route.port,
    username: route.user,
    ...(tunnel === null ? {} : { sock: tunnel.stream }),
    readyTimeout: options.connectTimeoutSeconds * 1000,
    keepaliveInterval: KEEPALIVE_SECONDS * 1000,
    algorithms: { serverHostKey: [...check.algorithms] },
    hostVerifier: check.verify,
    authHandler: authMethods(route.user, identities),
  });
  try {
    await ready;
  } catch (error) {
    client.destroy();
    tunnel?.stream.destroy();
    throw error;
  }
  return client;
}

/** A failure to reach or to keep a machine, with the machine's name and the reason in words. */
export function unreachable(route: Route, reason: string, options: FailureOptions = {}): Failure {
  return new Failure("host.unreachable", `${route.title} cannot be reached: ${reason}`, {
    where: place(route),
    ...options,
  });
}

/** `root@10.0.0.9:22`, with the bastion where there is one. */
export function place(route: Route): string {
  const own = `${route.user}@${route.address}:${route.port}`;
  return route.via === null ? own : `${own} through ${route.via.title}`;
}

interface Tunnel {
  readonly stream: Duplex;
  /** What the proxy command has said on stderr. */
  readonly complaint: () => string;
}

async function tunnelFor(route: Route, bastion: ssh2.Client | null): Promise<Tunnel | null> {
  if (bastion !== null) {
    return new Promise((resolve, reject) => {
      bastion.forwardOut("127.0.0.1", 0, route.address, route.port, (error, stream) => {
        if (error) reject(unreachable(route, `${route.via?.title} cannot connect to it: ${error.message}`));
        else resolve({ stream, complaint: () => "" });
      });
    });
  }
  return route.proxyCommand === null ? null : spawnProxy(route.proxyCommand);
}

function authMethods(username: string, { agent, keys }: Identities): AnyAuthMethod[] {
  return [
    ...(agent === null ? [] : [{ type: "agent", username, agent } as const]),
    ...keys.map((key) => ({ type: "publickey", username, key }) as const),
  ];
}

interface Attempt {
  readonly check: HostKeyCheck;
  readonly identities: Identities;
  readonly handshaken: boolean;
  readonly tunnel: Tunnel | null;
}

function connectFailure(route: Route, error: Error & { level?: string }, attempt: Attempt): Failure {
  const refused = attempt.check.refusal();
  if (refused) return refused;
  const { identities, handshaken, tunnel } = attempt;
  // OpenSSH ends the connection when MaxAuthTries is reached, which does not come with ssh2's own level.
  if (
    error.level === "client-authentication" ||
    (handshaken && /authentication failures/i.test(error.message))
  ) {
    const tried =
      identities.tried.length > 0 ? `keys tried: ${identities.tried.join(", ")}` : "no usable key was found";
    return new Failure("host.auth-failed", `${route.title} refused to let ${route.user} in; ${tried}`, {
      where: place(route),
      ...(identities.skipped.length > 0 ? { detail: `Left out: ${identities.skipped.join("; ")}` } : {}),
    });
  }
  const complaint = tunnel?.complaint() ?? "";
  const reason = error.level === "client-timeout" ? "no answer in time" : error.message;
  return unreachable(route, complaint === "" ? reason : `${reason} (the proxy command said: ${complaint})`);
}

async function within<T>(deadline: AbortSignal, work: Promise<T>, failure: () => Failure): Promise<T> {
  const late = once(deadline, "abort").then(() => {
    throw failure();
  });
  return Promise.race([work, late]);
}
