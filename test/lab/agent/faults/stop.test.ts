import { rmSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Marks } from "../../../../src/agent/schedule/marks.ts";
import { newDirectory } from "../../support/checkout.ts";
import { onHost } from "../../support/lab.ts";
import { AGENT_CONTAINER, snapshotIds } from "../support.ts";
import {
  docker,
  faulted,
  lastEntry,
  ledger,
  locks,
  makeFaultyApp,
  newPings,
  onHostPath,
  order,
  plantFaultCanaries,
  readState,
  runInAgent,
  startAgent,
  startInAgent,
  STUCK,
  until,
} from "./support.ts";

const canaries = plantFaultCanaries();
const directory = newDirectory();

beforeAll(() => makeFaultyApp(directory, canaries));
beforeEach(() => order());
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test("a host that was down over scheduled runs makes up one, and another start none", async () => {
  docker("stop", AGENT_CONTAINER);
  forgetDays(3);
  await startAgent();
  await until("the run to be recorded", () => scheduled().length > 0);
  expect(scheduled()).toMatchObject([{ job: "backup", target: "db", outcome: "success" }]);
  const slot = new Date();
  slot.setUTCHours(0, 0, 0, 0);
  expect(scheduled()[0]?.trigger).toEqual({ by: "schedule", slot: slot.toISOString() });
  docker("restart", AGENT_CONTAINER);
  await startAgent();
  expect(scheduled()).toHaveLength(1);
  expect(newPings(canaries)).toEqual(["start", "success"]);
});

test("SIGTERM in mid-backup: it may end, and the container ends after it", async () => {
  docker("stop", AGENT_CONTAINER);
  forgetDays(3);
  await order({ kind: "delay", ms: 1000, requests: 5 });
  await startAgent();
  await faulted(1);
  expect(scheduled()).toHaveLength(1);
  docker("stop", AGENT_CONTAINER);
  expect(exitCode()).toBe("0");
  expect(scheduled()).toHaveLength(2);
  expect(lastEntry()).toMatchObject({ job: "backup", outcome: "success" });
  expect(newPings(canaries)).toEqual(["start", "success"]);
  await order();
  await startAgent();
});

test("a run by hand may end, too, when the agent is told to stop", async () => {
  await order({ kind: "delay", ms: 1000, requests: 5 });
  const backup = startInAgent(["backup", "--force"]);
  await faulted(1);
  docker("stop", AGENT_CONTAINER);
  expect(await backup.done).toMatchObject({ code: 0 });
  expect(exitCode()).toBe("0");
  expect(lastEntry()).toMatchObject({ job: "backup", outcome: "success", trigger: { by: "hand" } });
  expect(newPings(canaries)).toEqual(["start", "success"]);
  await order();
  await startAgent();
});

test("a second SIGTERM ends a backup that stands still: recorded, told, without a lock, and made up for", async () => {
  const before = snapshotIds();
  docker("stop", AGENT_CONTAINER);
  forgetDays(3);
  await order(STUCK);
  await startAgent();
  await faulted(1);
  docker("kill", "--signal", "TERM", AGENT_CONTAINER);
  const told = Date.now();
  docker("kill", "--signal", "TERM", AGENT_CONTAINER);
  docker("wait", AGENT_CONTAINER);
  expect(Date.now() - told).toBeLessThan(45_000);
  expect(exitCode()).toBe("0");
  expect(lastEntry()).toMatchObject({ outcome: "interrupted", error: { code: "agent.interrupted" } });
  expect(newPings(canaries)).toEqual(["start", "fail"]);
  const count = ledger().length;
  await order();
  await startAgent();
  await until("the run to be made up", () => ledger().length > count);
  expect(ledger().slice(count)).toMatchObject([{ job: "backup", outcome: "success" }]);
  expect(locks()).toEqual([]);
  expect(snapshotIds()).toHaveLength(before.length + 2);
});

test("docker kill in mid-backup: the next start records it, clears its lock, and makes it up once", async () => {
  docker("stop", AGENT_CONTAINER);
  forgetDays(3);
  await order(STUCK);
  await startAgent();
  await faulted(1);
  const count = ledger().length;
  docker("kill", AGENT_CONTAINER);
  await order();
  await startAgent();
  await until("the run to be made up", () => ledger().length > count + 1);
  expect(ledger().slice(count)).toMatchObject([
    { job: "backup", outcome: "interrupted" },
    { job: "backup", outcome: "success" },
  ]);
  expect(locks()).toEqual([]);
  expect(await runInAgent("health")).toMatchObject({ code: 0 });
  expect(await runInAgent("evidence", "--verify")).toMatchObject({ code: 0 });
});

function scheduled(): ReturnType<typeof ledger> {
  return ledger().filter(({ trigger }) => trigger.by === "schedule");
}

function exitCode(): string {
  return docker("inspect", "-f", "{{.State.ExitCode}}", AGENT_CONTAINER);
}

/** As if the stopped agent had last run the database's backup so many days ago. */
function forgetDays(days: number): void {
  const marks = JSON.parse(readState("schedule.json")) as Marks;
  const key = Object.keys(marks).find((name) => name.startsWith("backup")) as string;
  const since = new Date(Date.now() - days * 86_400_000).toISOString();
  const text = JSON.stringify({ ...marks, [key]: { ...marks[key], since, slot: null } });
  const path = `${onHostPath("/var/lib/kamal-backup")}/schedule.json`;
  onHost(1, "sh", "-c", 'printf %s "$0" >"$1"', text, path);
}
