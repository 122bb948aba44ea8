import { assign, setup } from "xstate";
import { confirm, judge, lock, observe, openJournal, release, statusOf, step } from "./apply-actors.ts";
import type { Context } from "./apply-actors.ts";
import type { ApplyServices, Outcome, Signal } from "./apply-services.ts";
import { Interrupted } from "./ports.ts";

/**
 * One apply. Every state reaches releasing, and a signal is only noted: the state that runs ends by itself at its next
 * safe point. The machine is thin: truth is the journal and observing again, never a snapshot of it.
 */
export const applyMachine = setup({
  types: {} as {
    context: Context;
    events: { type: "SIGNAL"; signal: Signal };
    input: ApplyServices;
    output: Outcome;
  },
  actors: { lock, observe, judge, confirm, openJournal, step, release },
  guards: {
    nothingToDo: ({ context }) => context.todo.length === 0,
    again: ({ context }) => context.round > 0,
    failed: ({ context }) => statusOf(context) === "failed",
    interrupted: ({ context }) => statusOf(context) === "interrupted",
  },
}).createMachine({
  id: "apply",
  context: ({ input }) => ({
    services: input,
    stop: new AbortController(),
    abort: new AbortController(),
    signal: null,
    release: null,
    journal: null,
    plan: null,
    todo: [],
    stepped: [],
    round: 0,
    error: null,
    releaseError: null,
  }),
  on: {
    SIGNAL: {
      actions: [
        ({ context }) => (context.stop.signal.aborted ? context.abort.abort() : context.stop.abort()),
        assign({ signal: ({ context, event }) => context.signal ?? event.signal }),
      ],
    },
  },
  initial: "idle",
  states: {
    idle: { always: "locking" },
    locking: {
      invoke: {
        src: "lock",
        input: ({ context }) => context,
        onDone: { target: "observing", actions: assign({ release: ({ event }) => event.output }) },
        onError: { target: "releasing", actions: assign({ error: ({ event }) => event.error }) },
      },
    },
    observing: {
      invoke: {
        src: "observe",
        input: ({ context }) => context,
        onDone: { target: "planning", actions: assign({ plan: ({ event }) => event.output }) },
        onError: { target: "releasing", actions: assign({ error: ({ event }) => event.error }) },
      },
    },
    planning: {
      invoke: {
        src: "judge",
        input: ({ context }) => context,
        onDone: { target: "deciding", actions: assign({ todo: ({ event }) => event.output }) },
        onError: { target: "releasing", actions: assign({ error: ({ event }) => event.error }) },
      },
    },
    deciding: {
      always: [
        { guard: "nothingToDo", target: "releasing" },
        { guard: "again", target: "stepping" },
        { target: "confirming" },
      ],
    },
    confirming: {
      invoke: {
        src: "confirm",
        input: ({ context }) => context,
        onDone: "journaling",
        onError: { target: "releasing", actions: assign({ error: ({ event }) => event.error }) },
      },
    },
    journaling: {
      invoke: {
        src: "openJournal",
        input: ({ context }) => context,
        onDone: { target: "stepping", actions: assign({ journal: ({ event }) => event.output }) },
        onError: { target: "releasing", actions: assign({ error: ({ event }) => event.error }) },
      },
    },
    stepping: {
      entry: assign({
        stepped: ({ context }) => [...context.stepped, ...context.todo],
        round: ({ context }) => context.round + 1,
      }),
      invoke: {
        src: "step",
        input: ({ context }) => context,
        onDone: "verifying",
        onError: { target: "releasing", actions: assign({ error: ({ event }) => event.error }) },
      },
    },
    verifying: {
      invoke: {
        src: "observe",
        input: ({ context }) => context,
        onDone: { target: "planning", actions: assign({ plan: ({ event }) => event.output }) },
        onError: { target: "releasing", actions: assign({ error: ({ event }) => event.error }) },
      },
    },
    releasing: {
      invoke: {
        src: "release",
        input: ({ context }) => context,
        onDone: "released",
        onError: { target: "released", actions: assign({ releaseError: ({ event }) => event.error }) },
      },
    },
    released: {
      always: [
        { guard: "interrupted", target: "interrupted" },
        { guard: "failed", target: "failed" },
        { target: "done" },
      ],
    },
    done: { type: "final" },
    failed: { type: "final" },
    interrupted: { type: "final" },
  },
  output: ({ context }) => ({
    status: statusOf(context),
    plan: context.plan,
    stepped: context.stepped.map((change) => change.id),
    error: context.error,
    releaseError: context.releaseError,
    signal: context.signal,
    at: context.error instanceof Interrupted ? context.error.message : null,
  }),
});
