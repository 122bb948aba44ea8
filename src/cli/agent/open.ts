import { contextFromEnv } from "../../agent/context-from-env.ts";
import type { AgentContext } from "../../agent/context.ts";
import type { Identity } from "../../agent/status/status.ts";
import { VERSION } from "../version.ts";
import { progressReport } from "./progress.ts";

export interface OpenAgent {
  readonly agent: AgentContext;
  readonly identity: Identity;
}

/** For a command that only reads: lines go to stderr, nothing is shown of how far it is. */
export function openToRead(signal: AbortSignal): OpenAgent {
  const log = (line: string) => process.stderr.write(`${line}\n`);
  return open({ log, progress: () => {}, signal });
}

/** For a command that works: lines and progress go to stderr, and a signal of the terminal ends the work. */
export function openToWork(): OpenAgent & { readonly settle: () => void } {
  const progress = progressReport(process.stderr, process.env);
  const abort = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => abort.abort());
  const log = (line: string) => {
    progress.settle();
    process.stderr.write(`${line}\n`);
  };
  const opened = open({ log, progress: (state) => progress.report(state), signal: abort.signal });
  return { ...opened, settle: () => progress.settle() };
}

/** For the scheduler: lines go to stdout, each with its time in UTC, where docker logs finds them. */
export function openToSchedule(abort: AbortSignal): OpenAgent {
  return open({ log: logLine, progress: () => {}, signal: abort });
}

/** One event on stdout. A message of several lines stays one. */
export function logLine(line: string): void {
  process.stdout.write(`${new Date().toISOString()} ${line.trim().replaceAll(/\s*\n\s*/g, " | ")}\n`);
}

function open(surroundings: Parameters<typeof contextFromEnv>[1]): OpenAgent {
  const { context, policyHash } = contextFromEnv(process.env, surroundings);
  return { agent: context, identity: { version: VERSION, policy: context.policy, policyHash } };
}
