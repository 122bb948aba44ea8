/** What a `port:` publishes, as docker's --publish reads it: `[ip:]host:container[/proto]`. */
export interface PublishedPort {
  /** Null: every address of the host. */
  readonly ip: string | null;
  readonly hostPort: number;
  readonly containerPort: number;
}

/** Null where it is not of that form. */
export function parsePort(port: string): PublishedPort | null {
  const match = /^(?:(?:(?:\[([0-9a-fA-F:]+)\]|([^:]+)):)?(\d+):)?(\d+)(?:\/tcp)?$/.exec(port);
  if (match === null) return null;
  const containerPort = Number(match[4]);
  return { ip: match[1] ?? match[2] ?? null, hostPort: Number(match[3] ?? match[4]), containerPort };
}
