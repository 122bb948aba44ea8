import { randomBytes } from "node:crypto";
import type { AgentContext } from "../../../../src/agent/context.ts";
import type { ServerTarget } from "../../../../src/model/agent-policy.ts";
import { PASSWORD, SUPERUSER } from "./postgres-cluster.ts";

export interface Recorded extends AgentContext {
  readonly lines: string[];
}

export function contextIn(
  scratchDirectory: string,
  signal: AbortSignal = new AbortController().signal,
): Recorded {
  const lines: string[] = [];
  const at = new Date(0).toISOString();
  return {
    policy: {
      format_version: "1",
      app: "app",
      host: at,
      timezone: "UTC",
      repositories: [],
      targets: [],
      notify: [],
    },
    reveal: (value) => (typeof value === "string" ? value : PASSWORD),
    redact: (text) => text.replaceAll(PASSWORD, "[REDACTED]"),
    stateDirectory: scratchDirectory,
    scratchDirectory,
    clock: { now: () => new Date(), sleep: async () => {} },
    randomHex: (bytes) => randomBytes(bytes).toString("hex"),
    log: (line) => void lines.push(line),
    progress: () => {},
    signal,
    lines,
  };
}

export function targetAt(port: number, change: Partial<ServerTarget["connection"]> = {}): ServerTarget {
  return {
    type: "server",
    name: "db",
    engine: "postgres",
    connection: {
      host: "127.0.0.1",
      port,
      user: SUPERUSER,
      password: { secret: "POSTGRES_PASSWORD" },
      database: "teamyap_production",
      ...change,
    },
    backup: {
      schedule: "@daily",
      jitter_seconds: 0,
      repository: "r",
      retention: null,
      check: null,
      prune: null,
    },
    objectives: { rpo_seconds: null, rto_seconds: null },
    drill: null,
  };
}
