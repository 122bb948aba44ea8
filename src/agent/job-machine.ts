import { assign, createActor, fromPromise, setup, waitFor } from "xstate";
import { Failure } from "../errors.ts";
import type { LedgerEntry, LedgerRecord } from "../model/ledger.ts";
import type { AgentContext } from "./context.ts";
import type { JobResult, Work } from "./jobs/job.ts";
import { appendRecord } from "./ledger/append.ts";
import { endOf } from "./notify/event.ts";
import { notify } from "./notify/notify.ts";
import { interruptedRecord, recordOf } from "./record.ts";
import { takeLock } from "./target-lock/target-lock.ts";
import type { Locked } from "./target-lock/target-lock.ts";

/** A piece of work with what it is recorded as. */
export interface Job extends Pick<LedgerRecord, "job" | "target" | "repository" | "trigger"> {
  readonly work: Work;
}

/** How a job ended. */
export interface JobEnd {
  /** As it was recorded. Null where it did not begin, or the ledger could not be written. */
  readonly entry: LedgerEntry | null;
  /** What it failed with, also when that was only the record of it; null: it did not. */
  readonly error: unknown;
}

interface Services {
  readonly job: Job;
  readonly agent: AgentContext;
  /** The job holds its lock from now on, or has given it back. */
  readonly changed: () => void;
}

interface Context extends Services {
  readonly locked: Locked | null;
  readonly startedAt: string;
  /** The ping of the start, which is sent beside the work. */
  readonly started: Promise<void> | null;
  readonly result: JobResult | null;
  readonly error: unknown;
  readonly record: LedgerRecord | null;
  readonly entry: LedgerEntry | null;
}

/**
 * One job. Whatever its work does, it is recorded and its lock is given back; who is to be told is told after that, so
 * that a slow address holds up nothing. The machine is thin: it knows the order, and nothing of what the work is.
 */
const jobMachine = setup({
  types: {} as { context: Context; input: Services; output: JobEnd },
  actors: {
    lock: fromPromise<Locked, Context>(({ input }) => lock(input)),
    work: fromPromise<JobResult, Context>(({ input }) => input.job.work(input.agent)),
    record: fromPromise<LedgerEntry, Context>(({ input }) => {
      const { agent, record } = input;
      return appendRecord(agent.stateDirectory, record as LedgerRecord);
    }),
    release: fromPromise<void, Context>(async ({ input }) => input.locked?.release()),
    tell: fromPromise<void, Context>(({ input }) => tell(input)),
  },
  actions: {
    changed: ({ context }) => context.changed(),
  },
}).createMachine({
  id: "job",
  context: ({ input }) => ({
    ...input,
    locked: null,
    startedAt: input.agent.clock.now().toISOString(),
    started: null,
    result: null,
    error: null,
    record: null,
    entry: null,
  }),
  initial: "locking",
  states: {
    locking: {
      invoke: {
        src: "lock",
        input: ({ context }) => context,
        onDone: { target: "working", actions: assign({ locked: ({ event }) => event.output }) },
        onError: { target: "ended", actions: assign({ error: ({ event }) => event.error }) },
      },
    },
    working: {
      entry: ["changed", assign({ started: ({ context }) => tellStart(context) })],
      invoke: {
        src: "work",
        input: ({ context }) => context,
        onDone: { target: "recording", actions: assign({ result: ({ event }) => event.output }) },
        onError: { target: "recording", actions: assign({ error: ({ event }) => event.error }) },
      },
    },
    recording: {
      entry: assign({ record: ({ context }) => recordNow(context) }),
      invoke: {
        src: "record",
        input: ({ context }) => context,
        onDone: { target: "releasing", actions: assign({ entry: ({ event }) => event.output }) },
        // The first error is the one that matters.
        onError: {
          target: "releasing",
          actions: assign({ error: ({ context, event }) => context.error ?? event.error }),
        },
      },
    },
    releasing: {
      invoke: {
        src: "release",
        input: ({ context }) => context,
        onDone: { target: "telling" },
        onError: {
          target: "telling",
          actions: assign({ error: ({ context, event }) => context.error ?? event.error }),
        },
      },
    },
    telling: {
      entry: "changed",
      invoke: { src: "tell", input: ({ context }) => context, onDone: "ended", onError: "ended" },
    },
    ended: { type: "final" },
  },
  output: ({ context }) => ({ entry: context.entry, error: context.error }),
});

/**
 * Runs a job to its end. Never throws: `agent.busy` and all else is in what it returns.
 * @param changed called when the lock was taken and when it was given back.
 */
export async function runJob(job: Job, agent: AgentContext, changed: () => void): Promise<JobEnd> {
  const actor = createActor(jobMachine, { input: { job, agent, changed } });
  actor.start();
  const { output } = await waitFor(actor, ({ status }) => status !== "active");
  return output as JobEnd;
}

async function lock({ job: { work: _, ...what }, agent, startedAt }: Context): Promise<Locked> {
  const locked = await takeLock(agent.stateDirectory, { ...what, since: startedAt });
  if (locked.died === null) return locked;
  try {
    await appendRecord(agent.stateDirectory, interruptedRecord(locked.died, startedAt));
    return locked;
  } catch (error) {
    await locked.release();
    throw error;
  }
}

function tellStart({ job: { work: _, ...what }, agent, startedAt }: Context): Promise<void> {
  return notify({ on: "start", run: { ...what, started_at: startedAt } }, agent);
}

function recordNow({ job, agent, startedAt, result, error }: Context): LedgerRecord {
  return recordOf(job, startedAt, agent.clock.now().toISOString(), result ?? { error }, agent);
}

/** A run that could not be recorded is told as a failure: nobody could prove that it was good. */
async function tell({ started, record, entry, error, agent }: Context): Promise<void> {
  await started;
  if (record === null) return;
  const unrecorded = entry === null && record.error === null && error instanceof Failure;
  const told: LedgerRecord = unrecorded
    ? { ...record, outcome: "failure", error: { code: error.code, message: error.message, todo: error.todo } }
    : record;
  await notify(endOf(told), agent);
}
