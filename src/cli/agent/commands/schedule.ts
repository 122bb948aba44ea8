import type { Command } from "commander";
import { systemClock } from "../../../agent/clock.ts";
import { drain } from "../../../agent/scheduler/drain.ts";
import { runScheduler } from "../../../agent/scheduler/run-scheduler.ts";
import { Failure } from "../../../errors.ts";
import { agentCommand } from "../help.ts";
import { logLine, openToSchedule } from "../open.ts";
import { scheduledWork, tidyServers } from "../works.ts";

/** Seconds: a minute less than the accessory's stop-timeout, after which docker kills. */
const GRACE = 540;
/** Seconds that what runs has to end once it was told to. */
const LAST_GRACE = 45;

export function scheduleCommand(): Command {
  const what =
    "Run what the policy has on schedule, in the foreground, until SIGTERM: what runs then may end within " +
    `KAMAL_BACKUP_STOP_GRACE seconds (${GRACE}). A second SIGTERM ends it at once.`;
  return agentCommand("schedule", what, [
    { command: "kamal-backup schedule", what: "what the container runs" },
  ]).action(async () => {
    const { stop, abort, signalled } = drain(graceFrom(process.env), systemClock, logLine);
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, signalled);
    const { agent, identity } = openToSchedule(abort);
    const ended = runScheduler({ identity, agent, workOf: scheduledWork, tidy: tidyServers, stop });
    await Promise.race([ended, tooLate(abort)]);
  });
}

/** Of something that does not end even then the next start finds its lock, and records it as interrupted. */
async function tooLate(abort: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => abort.addEventListener("abort", () => resolve(), { once: true }));
  await systemClock.sleep(LAST_GRACE * 1000);
  logLine(`something did not end within ${LAST_GRACE} s: leaving it`);
}

function graceFrom(env: NodeJS.ProcessEnv): number {
  const text = env["KAMAL_BACKUP_STOP_GRACE"] || String(GRACE);
  const seconds = Number(text);
  if (Number.isFinite(seconds) && seconds >= 0) return seconds;
  throw new Failure("agent.environment", `KAMAL_BACKUP_STOP_GRACE is no number of seconds: ${text}`);
}
