import { expect, onTestFinished, test } from "vitest";
import { appendRecord } from "../../../src/agent/ledger/append.ts";
import { scheduledJobs } from "../../../src/agent/schedule/jobs.ts";
import { adopt, writeMarks } from "../../../src/agent/schedule/marks.ts";
import { becomeScheduler } from "../../../src/agent/scheduler/presence.ts";
import { healthOf } from "../../../src/agent/status/health.ts";
import type { LedgerRecord } from "../../../src/model/ledger.ts";
import { aRecord } from "./a-ledger-record.ts";
import { aStateDirectory } from "./a-state-directory.ts";
import { aDatabase, aPolicy } from "./an-agent-policy.ts";

const POLICY = aPolicy([aDatabase("db", {}, "0 4 * * 0")]);

/** Health at that time of an agent that began on 1 March at noon, with this in its ledger. */
async function healthAt(time: string, records: readonly Partial<LedgerRecord>[] = []) {
  const state = aStateDirectory();
  const release = await becomeScheduler(state, new Date("2026-03-01T12:00Z"));
  onTestFinished(release);
  writeMarks(state, adopt({}, scheduledJobs(POLICY), new Date("2026-03-01T12:00Z")));
  for (const own of records) await appendRecord(state, aRecord(own));
  return healthOf(POLICY, state, new Date(time));
}

const SUCCESS = {
  trigger: { by: "schedule", slot: "2026-03-02T01:15:00.000Z" },
  finished_at: "2026-03-02T01:20:00.000Z",
} as const;
const FAILURE = {
  ...SUCCESS,
  outcome: "failure",
  error: { code: "repository.absent", message: "m", todo: "t" },
} as const;

test("an agent that never had a slot is healthy, until its first one and the grace are over", async () => {
  expect(await healthAt("2026-03-01T12:01Z")).toEqual({ healthy: true, why: "all backups are fresh" });
  expect(await healthAt("2026-03-02T07:14Z")).toMatchObject({ healthy: true });
  expect(await healthAt("2026-03-02T07:16Z")).toEqual({
    healthy: false,
    why: "the backup of db was due at 2026-03-02T07:15:00.000Z: there is none",
  });
});

test("freshness counts and not that something runs: failures do not make it healthy", async () => {
  expect(await healthAt("2026-03-03T07:14Z", [SUCCESS])).toMatchObject({ healthy: true });
  const stale = await healthAt("2026-03-03T07:16Z", [SUCCESS, FAILURE]);
  expect(stale).toEqual({
    healthy: false,
    why: "the backup of db was due at 2026-03-03T07:15:00.000Z: the newest is of 2026-03-02T01:20:00.000Z, and the last run failed (repository.absent)",
  });
});

test("without its scheduler it is not healthy, however fresh all is", async () => {
  expect(healthOf(POLICY, aStateDirectory(), new Date())).toEqual({
    healthy: false,
    why: "the scheduler does not run",
  });
});
