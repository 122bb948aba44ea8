import { runJob } from "../../agent/job-machine.ts";
import type { Job, JobEnd } from "../../agent/job-machine.ts";
import { failureOf } from "../../agent/record.ts";
import { saveStatus } from "../../agent/status/status.ts";
import type { LedgerEntry } from "../../model/ledger.ts";
import { failureJson, printFailure } from "../failure-text.ts";
import { print } from "./help.ts";
import { openToWork } from "./open.ts";
import type { OpenAgent } from "./open.ts";
import { detailsText, showSeconds } from "./words.ts";

/** What somebody asked for by hand; its lock, record and notifications are those of any job. */
export type ByHand = Omit<Job, "trigger">;

/**
 * Runs these one after another, also where one fails, and prints what became of each. An interruption ends the row.
 * The exit status is 1 where any did not succeed.
 */
export async function runByHand(
  jobsOf: (opened: OpenAgent) => readonly ByHand[],
  json: boolean | undefined,
  exit: (status: number) => void,
): Promise<void> {
  const { agent, identity, settle } = openToWork();
  const ends: JobEnd[] = [];
  for (const job of jobsOf({ agent, identity })) {
    if (agent.signal.aborted) break;
    const changed = () => saveStatus(identity, agent);
    const end = await runJob({ ...job, trigger: { by: "hand" } }, agent, changed);
    settle();
    ends.push(end);
    if (json !== true) tell(job, end);
  }
  if (json === true) print(json, { results: ends.map(resultOf) }, "");
  if (agent.signal.aborted || ends.some(({ error }) => error !== null)) exit(1);
}

function tell({ job, target, repository }: ByHand, { entry, error }: JobEnd): void {
  const name = `${job} of ${target ?? repository}`;
  if (error !== null) {
    process.stderr.write(`${name}: ${entry?.outcome ?? "not begun, or not recorded"}\n`);
    printFailure(failureOf(error));
  } else if (entry !== null) {
    process.stdout.write(`${name}: ${entry.outcome} in ${durationOf(entry)}\n${detailsText(entry.details)}`);
  }
}

/** The ledger's entry, or why there is none. */
function resultOf({ entry, error }: JobEnd): unknown {
  return error === null ? { entry } : { entry, ...(failureJson(failureOf(error)) as object) };
}

function durationOf({ started_at, finished_at }: LedgerEntry): string {
  return showSeconds((Date.parse(finished_at) - Date.parse(started_at)) / 1000);
}
