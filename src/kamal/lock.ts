import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "../errors.ts";
import type { Kamal } from "./cli.ts";

/** What Kamal's deploy lock says of itself. Null where it does not: it is being written, or its details are lost. */
export interface LockHolder {
  readonly who: string | null;
  /** UTC, ISO 8601. */
  readonly since: string | null;
  readonly message: string | null;
}

export interface LockRequest {
  /** Tells this run's lock from all others: it stands in the message. */
  readonly runId: string;
  readonly message: string;
  /** How long to wait for a lock that somebody else holds; 0 not at all. */
  readonly timeoutSeconds: number;
  readonly signal?: AbortSignal | undefined;
  /** Called once, when somebody else holds the lock and it is waited for. */
  readonly onWait?: (holder: LockHolder) => void;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

/** Between two tries. Each try is an SSH session to the primary host. */
const POLL_SECONDS = 5;

/** Who holds Kamal's deploy lock; null when nobody does. */
export async function lockStatus(cli: Kamal): Promise<LockHolder | null> {
  const { stdout } = await cli.run(["lock", "status", ...ONE_HOST]);
  return stdout.includes("There is no deploy lock") ? null : holderOf(stdout);
}

/**
 * Takes Kamal's deploy lock, so that no deploy runs meanwhile. Throws `kamal.locked` with its holder when somebody else
 * keeps it past the time-out, and `kamal.interrupted`; then and on any failure our own half-made lock is gone.
 */
export async function acquireLock(cli: Kamal, request: LockRequest): Promise<void> {
  const deadline = request.now() + request.timeoutSeconds * 1000;
  for (let tries = 1; ; tries += 1) {
    if (request.signal?.aborted) throw interrupted();
    const holder = await tryToAcquire(cli, request);
    if (holder === null) break;
    const left = deadline - request.now();
    if (left <= 0) throw locked(holder);
    if (tries === 1) request.onWait?.(holder);
    await sleep(Math.min(left, POLL_SECONDS * 1000), undefined, { signal: request.signal }).catch(() => {});
  }
  if (request.signal?.aborted) {
    await releaseLock(cli, request.runId);
    throw interrupted();
  }
}

/**
 * Releases the lock if it is the run's own; true when it was. Nobody's and somebody else's stay as they are, so this
 * may be called on every way out, also when acquiring failed.
 */
export async function releaseLock(cli: Kamal, runId: string): Promise<boolean> {
  const holder = await lockStatus(cli);
  if (holder?.message?.endsWith(markOf(runId)) !== true) return false;
  await cli.run(["lock", "release", ...ONE_HOST]);
  return true;
}

/** Null when the lock is ours. The try itself is not interrupted: Kamal would leave behind a lock nobody knows of. */
async function tryToAcquire(cli: Kamal, { message, runId }: LockRequest): Promise<LockHolder | null> {
  try {
    await cli.run(["lock", "acquire", ...ONE_HOST, "-m", `${message} ${markOf(runId)}`]);
    return null;
  } catch (error) {
    if (error instanceof Failure && error.detail?.includes("Deploy lock already in place!"))
      return holderOf(error.detail);
    // The reason to give is the first failure, not that of clearing up after it.
    await releaseLock(cli, runId).catch(() => false);
    throw error;
  }
}

/**
 * The lock is on the primary host. Without this Kamal connects to all hosts to acquire it, and one that is down would
 * keep it from being taken or released (lib/kamal/cli/base.rb, ensure_run_directory).
 */
const ONE_HOST = ["--primary"];

function markOf(runId: string): string {
  return `[kamal-backup ${runId}]`;
}

/** The lines that Kamal writes (lib/kamal/commands/lock.rb, lock_details). */
function holderOf(output: string): LockHolder {
  const by = /^Locked by: (.*) at (\S+)$/m.exec(output);
  return {
    who: by?.[1] ?? null,
    since: by?.[2] ?? null,
    message: /^Message: (.*)$/m.exec(output)?.[1] ?? null,
  };
}

function locked({ who, since, message }: LockHolder): Failure {
  return new Failure(
    "kamal.locked",
    `Kamal's deploy lock is held by ${who || "somebody unknown"}${since === null ? "" : ` since ${since}`}${
      message === null ? "" : `: ${message}`
    }`,
    { where: "kamal lock acquire" },
  );
}

function interrupted(): Failure {
  return new Failure("kamal.interrupted", "interrupted before the deploy lock was taken", {
    where: "kamal lock acquire",
  });
}
