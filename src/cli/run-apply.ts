import { randomUUID } from "node:crypto";
import { startApply } from "../engine/apply.ts";
import type { ApplyServices, Outcome, Signal } from "../engine/apply-services.ts";
import type { ApplyEvent } from "../engine/execute.ts";
import { openJournal } from "../engine/journal.ts";
import { createStepRunner } from "../engine/run-step.ts";
import { appliedExit } from "../engine/verdict.ts";
import { acquireLock, releaseLock } from "../kamal/lock.ts";
import { jsonText } from "../report/json.ts";
import { planText } from "../report/plan-text.ts";
import { painter } from "../report/style.ts";
import { confirm } from "./confirm.ts";
import { asFailure, failureJson, failureText } from "./failure-text.ts";
import { wantsColour } from "./options.ts";
import type { ApplyOptions } from "./options.ts";
import { progressTo } from "./progress.ts";
import type { Session } from "./session.ts";

const SIGNALS: Readonly<Record<Signal, number>> = { SIGINT: 130, SIGTERM: 143 };

/** Runs one apply from the lock to its release; gives the exit status. */
export async function runApply(session: Session, options: ApplyOptions): Promise<number> {
  const apply = startApply(servicesOf(session, options));
  const crashes: unknown[] = [];
  const onSignal = (signal: NodeJS.Signals) => {
    process.stderr.write("\nEnding at the next safe point; a second signal ends harder.\n");
    apply.signal(signal === "SIGINT" ? "SIGINT" : "SIGTERM");
  };
  const onCrash = (error: unknown) => {
    crashes.push(error);
    apply.signal("SIGTERM");
  };
  // A closed terminal (SIGHUP) must not leave the deploy lock behind either.
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, onSignal);
  process.on("uncaughtException", onCrash);
  const outcome = await apply.outcome;
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.off(name, onSignal);
  process.off("uncaughtException", onCrash);
  report(outcome, options);
  if (crashes.length > 0) throw crashes[0];
  return exitOf(outcome);
}

function servicesOf(session: Session, options: ApplyOptions): ApplyServices {
  const allowed = options.allow ?? session.policy.allow;
  const runId = randomUUID();
  const tell = teller(options, allowed);
  const lock = {
    runId,
    message: "kamal-backup apply",
    timeoutSeconds: options.lockTimeout,
    now: () => performance.now(),
  };
  return {
    async lock(stop) {
      await acquireLock(session.cli, {
        ...lock,
        signal: stop,
        onWait: ({ who, since }) =>
          process.stderr.write(
            `The deploy lock is held by ${who || "somebody unknown"} since ${since ?? "?"}: waiting.\n`,
          ),
      });
      return async () => void (await releaseLock(session.cli, runId));
    },
    plan: () => session.plan(),
    confirm: async (_plan, stop) =>
      options.autoApprove === true || confirm("\nType yes to apply this: ", stop),
    openJournal: () => openJournal(session.directory, runId, () => new Date()),
    runStep: createStepRunner(session.directory, session.secrets, session.ports),
    allowed,
    tell,
  };
}

function teller(options: ApplyOptions, allowed: ApplyServices["allowed"]): (event: ApplyEvent) => void {
  const progress = progressTo(process.stderr, painter(wantsColour(options, process.stderr)), () =>
    performance.now(),
  );
  return (event) => {
    if (event.event !== "planned") progress(event);
    else if (event.round === 0 && options.json !== true) {
      const colour = wantsColour(options, process.stdout);
      process.stdout.write(planText(event.plan, { commands: false, colour, allowed }));
    }
  };
}

function report(outcome: Outcome, options: ApplyOptions): void {
  const { status, plan, stepped, at } = outcome;
  const failure = status === "interrupted" ? null : outcome.error;
  const errors = [failure, outcome.releaseError].filter((error) => error !== null);
  if (options.json === true) {
    const failures = errors.map((error) => failureJson(asFailure(error)));
    process.stdout.write(
      jsonText({ format_version: "1", status, at, stepped, plan, ...(failures[0] ?? {}) }),
    );
    return;
  }
  const paint = painter(wantsColour(options, process.stderr));
  for (const error of errors) process.stderr.write(`\n${failureText(asFailure(error), paint)}`);
  if (status === "interrupted") {
    process.stderr.write(
      `Interrupted${at === null ? "" : ` ${at}`}. Run apply again: it goes on from what it finds.\n`,
    );
  }
  if (status !== "done" || plan === null) return;
  const left = plan.changes.filter((change) => change.action === "blocked");
  if (stepped.length > 0) process.stdout.write(`\nApplied: ${[...new Set(stepped)].join(", ")}.\n`);
  const written = [...new Set(stepped)].filter((id) => id.startsWith("manifest:"));
  if (written.length > 0) {
    process.stdout.write(`Commit ${written.map((id) => id.slice("manifest:".length)).join(" and ")}.\n`);
  }
  if (stepped.length > 0)
    for (const { id, reason } of left) process.stdout.write(`Left as it is: ${id}: ${reason}\n`);
}

function exitOf({ status, plan, error, releaseError, signal }: Outcome): number {
  if (status === "interrupted" && signal !== null) return SIGNALS[signal];
  if (status === "done" && plan !== null) return appliedExit(plan);
  return asFailure(error ?? releaseError).exit;
}
