import { createActor, waitFor } from "xstate";
import { applyMachine } from "./apply-machine.ts";
import type { ApplyServices, Outcome, Signal } from "./apply-services.ts";

export interface Apply {
  readonly outcome: Promise<Outcome>;
  /** The first ends the run at a safe point; the second kills what runs. */
  signal(signal: Signal): void;
}

/** Starts an apply. Its outcome never rejects. */
export function startApply(services: ApplyServices): Apply {
  const actor = createActor(applyMachine, { input: services });
  const outcome = waitFor(actor, (snapshot) => snapshot.status !== "active").then(
    (snapshot) => snapshot.output as Outcome,
  );
  actor.start();
  return { outcome, signal: (signal) => actor.send({ type: "SIGNAL", signal }) };
}
