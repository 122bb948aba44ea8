import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "../errors.ts";
import type { WaitStep } from "../model/step.ts";
import { Interrupted } from "./ports.ts";
import type { Ports, Stops } from "./ports.ts";

const POLL_MS = 1000;
/** Restarts during one wait after which a container is taken to be in a loop. */
const RESTART_LOOP = 3;

/** Two counters and two words of `docker inspect`. */
const STATE = "{{.State.Status}} {{.RestartCount}} {{.State.ExitCode}}";

/**
 * Polls until it is so.
 * @throws Failure `apply.wait-failed`, with the tail of the container's log, at the timeout, or earlier when the
 * container is gone, has stopped or restarts in a loop. Interrupted at the first signal.
 */
export async function waitUntil(
  step: WaitStep,
  params: Readonly<Record<string, string>>,
  ports: Ports,
  stops: Stops,
  progress: (text: string) => void,
): Promise<void> {
  const started = performance.now();
  let firstRestarts: number | undefined;
  for (;;) {
    if (stops.stop.aborted) throw new Interrupted(`gave up waiting: ${step.what}`);
    if (await isSo(step, params, ports, stops)) return;
    const state = await containerState(step, ports, stops).catch(unseen);
    if (state === null) throw await failed(step, "its container is gone", ports);
    if (state.status !== "unseen") firstRestarts ??= state.restarts;
    if (state.restarts - (firstRestarts ?? 0) >= RESTART_LOOP) {
      throw await failed(step, `its container restarts again and again (exit ${state.exit})`, ports);
    }
    if (state.status === "exited" || state.status === "dead") {
      throw await failed(step, `its container stopped with exit ${state.exit}`, ports);
    }
    const seconds = Math.round((performance.now() - started) / 1000);
    if (seconds >= step.timeoutSeconds) throw await failed(step, `not after ${seconds} s`, ports);
    progress(`${step.what}: ${seconds} of at most ${step.timeoutSeconds} s`);
    await sleep(POLL_MS, undefined, { signal: stops.stop }).catch(() => undefined);
  }
}

/** Whether it is so now. A statement or a server that fails is not ready; only a signal ends the wait. */
async function isSo(
  { host, container, until }: WaitStep,
  params: Readonly<Record<string, string>>,
  ports: Ports,
  { abort }: Stops,
): Promise<boolean> {
  try {
    if (until === "ready") {
      // Over TCP: the image's own first start answers on the socket only, and is not ready yet.
      await ports.docker(host, ["exec", container, "pg_isready", "-q", "-h", "127.0.0.1"], undefined, abort);
      return true;
    }
    if ("argv" in until) {
      await ports.docker(host, ["exec", container, ...until.argv], undefined, abort);
      return true;
    }
    return (await ports.sql(host, container, until.statement, params, abort)).trim() === "t";
  } catch (error) {
    if (error instanceof Failure) return false;
    throw error;
  }
}

interface ContainerState {
  readonly status: string;
  readonly restarts: number;
  readonly exit: string;
}

/** Null when there is no such container. */
async function containerState(
  { mustRun, ...asked }: WaitStep,
  ports: Ports,
  { abort }: Stops,
): Promise<ContainerState | null> {
  const { host, container } = mustRun ?? asked;
  const found = await ports.docker(
    host,
    ["ps", "--all", "--quiet", "--no-trunc", "--filter", `name=^${container}$`],
    undefined,
    abort,
  );
  const id = found.trim();
  if (id === "") return null;
  const line = await ports.docker(host, ["inspect", "--format", STATE, id], undefined, abort);
  const [status = "", restarts = "0", exit = ""] = line.trim().split(" ");
  return { status, restarts: Number(restarts), exit };
}

async function failed(step: WaitStep, why: string, ports: Ports): Promise<Failure> {
  const { host, container } = step.mustRun ?? step;
  const log = await ports.logTail(host, container).catch(() => "");
  return new Failure("apply.wait-failed", `${step.what}: ${why}`, {
    where: `${container} on ${host}`,
    ...(log.trim() === "" ? {} : { detail: `the end of its log:\n${log.trimEnd()}` }),
  });
}

/** A look that fails says nothing of the container: the next one may succeed. */
function unseen(error: unknown): ContainerState {
  if (error instanceof Failure) return { status: "unseen", restarts: 0, exit: "" };
  throw error;
}
