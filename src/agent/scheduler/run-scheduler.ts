import type { AgentContext } from "../context.ts";
import { runJob } from "../job-machine.ts";
import type { Work } from "../jobs/job.ts";
import { appendRecord } from "../ledger/append.ts";
import { failureOf, interruptedRecord } from "../record.ts";
import { scheduledJobs } from "../schedule/jobs.ts";
import type { ScheduledJob } from "../schedule/jobs.ts";
import { readMarks, writeMarks } from "../schedule/marks.ts";
import { saveStatus } from "../status/status.ts";
import type { Identity } from "../status/status.ts";
import { takeDead } from "../target-lock/target-lock.ts";
import { endOfRunsByHand } from "./by-hand.ts";
import { emptyScratch } from "./clean-up.ts";
import { schedule } from "./loop.ts";
import type { RunEnd } from "./loop.ts";
import { becomeScheduler } from "./presence.ts";

export interface SchedulerOptions {
  readonly identity: Identity;
  /** Its signal ends what runs. */
  readonly agent: AgentContext;
  readonly workOf: (job: ScheduledJob) => Work;
  /** Removes what killed runs left outside of the state and scratch directories, before anything is scheduled. */
  readonly tidy: (agent: AgentContext) => Promise<void>;
  /** Nothing is started any more once it is aborted. */
  readonly stop: AbortSignal;
}

/**
 * Runs all that is on schedule until it is told to stop, and resolves when nothing runs any more, by hand neither. Runs
 * that died with an earlier scheduler are recorded first, and what they left is removed. Failure `agent.scheduling` where another one
 * works on this state directory.
 */
export async function runScheduler({ identity, agent, workOf, tidy, stop }: SchedulerOptions): Promise<void> {
  const { clock, stateDirectory, policy, log } = agent;
  const release = await becomeScheduler(stateDirectory, clock.now());
  const changed = () => saveStatus(identity, agent);
  try {
    await recordDead(agent);
    await emptyScratch(agent);
    await tidy(agent);
    const jobs = scheduledJobs(policy);
    log(`scheduling ${jobs.length} jobs of ${policy.app} on ${policy.host}, in the zone ${policy.timezone}`);
    for (const job of jobs) log(`${nameOf(job)}: ${job.schedule}`);
    await schedule({
      clock,
      app: policy.app,
      jobs,
      readMarks: () => readMarks(stateDirectory),
      writeMarks: (marks) => {
        writeMarks(stateDirectory, marks);
        changed();
      },
      run: (job, slot) => runOne(job, slot, workOf(job), agent, changed),
      log,
      stop,
    });
    await endOfRunsByHand(agent);
    log("nothing runs any more");
  } finally {
    await release();
    changed();
  }
}

async function runOne(
  job: ScheduledJob,
  slot: Date,
  work: Work,
  agent: AgentContext,
  changed: () => void,
): Promise<RunEnd> {
  const name = nameOf(job);
  let began = false;
  const onChange = () => {
    if (!began) agent.log(`${name}: begins, for ${slot.toISOString()}`);
    began = true;
    changed();
  };
  const what = {
    job: job.job,
    target: job.target?.name ?? null,
    repository: job.repository,
    trigger: { by: "schedule", slot: slot.toISOString() },
    work,
  } as const;
  const { entry, error } = await runJob(what, agent, onChange);
  const failure = error === null ? null : failureOf(error);
  if (!began && failure?.code === "agent.busy") {
    agent.log(`${name}: waits, ${failure.message}`);
    return "busy";
  }
  agent.log(
    `${name}: ${entry?.outcome ?? "not recorded"}${failure === null ? "" : `: ${failure.message} (${failure.code})`}`,
  );
  return entry?.outcome === "interrupted" ? "interrupted" : "ended";
}

async function recordDead({ stateDirectory, clock, log }: AgentContext): Promise<void> {
  for (const died of await takeDead(stateDirectory)) {
    log(
      `${died.job} of ${died.target ?? died.repository} that began at ${died.since} died: recorded as interrupted`,
    );
    await appendRecord(stateDirectory, interruptedRecord(died, clock.now().toISOString()));
  }
}

function nameOf({ job, subject }: ScheduledJob): string {
  return `${job} ${subject}`;
}
