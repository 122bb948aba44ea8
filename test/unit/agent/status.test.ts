import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { noteMade } from "../../../src/agent/jobs/made-databases.ts";
import { appendRecord } from "../../../src/agent/ledger/append.ts";
import { scheduledJobs } from "../../../src/agent/schedule/jobs.ts";
import { adopt, readMarks, writeMarks } from "../../../src/agent/schedule/marks.ts";
import { becomeScheduler } from "../../../src/agent/scheduler/presence.ts";
import { agentStatus, saveStatus } from "../../../src/agent/status/status.ts";
import { statusText } from "../../../src/agent/status/text.ts";
import { takeLock } from "../../../src/agent/target-lock/target-lock.ts";
import type { ServerTarget } from "../../../src/model/agent-policy.ts";
import type { LedgerRecord } from "../../../src/model/ledger.ts";
import ledger from "../../../schemas/ledger.v1.schema.json" with { type: "json" };
import schema from "../../../schemas/agent-status.v1.schema.json" with { type: "json" };
import { aRecord } from "./a-ledger-record.ts";
import { anAgent } from "./an-agent.ts";
import { aDatabase, aPolicy } from "./an-agent-policy.ts";

const POLICY = aPolicy([aDatabase("db", { check: { schedule: "@weekly", read_data: null } }, "0 4 * * 0")]);
const IDENTITY = { version: "0.1.0", policy: POLICY, policyHash: "ab".repeat(32) };
const at = (iso: string) => new Date(iso);

/** Of 1 March 2026, 02:15 in Madrid. */
function aBackup(own: Partial<LedgerRecord> = {}): LedgerRecord {
  return aRecord({
    started_at: "2026-03-01T01:15:02.000Z",
    finished_at: "2026-03-01T01:20:00.000Z",
    trigger: { by: "schedule", slot: "2026-03-01T01:15:00.000Z" },
    ...own,
  });
}

test("a status says of each job what ran and what will, and is what its schema says", async () => {
  const { stateDirectory } = anAgent({ policy: POLICY });
  const success = await appendRecord(stateDirectory, aBackup());
  const error = { code: "backup.failed", message: "m", todo: "t" };
  const failure = await appendRecord(stateDirectory, aBackup({ outcome: "failure", error }));
  await appendRecord(stateDirectory, aBackup({ target: "db2" }));
  await takeLock(stateDirectory, {
    job: "drill",
    target: "db",
    repository: "offsite",
    trigger: { by: "hand" },
    since: "2026-03-01T12:00:00.000Z",
  });
  const status = agentStatus(IDENTITY, stateDirectory, at("2026-03-01T12:00:00Z"), []);
  expect(status.jobs).toMatchObject([
    {
      job: "backup",
      subject: "db",
      running_since: null,
      next_at: "2026-03-02T01:15:00.000Z",
      last: failure,
      last_success: success,
      // The next slot, and six hours of grace.
      due_at: "2026-03-02T07:15:00.000Z",
    },
    { job: "drill", subject: "db", running_since: "2026-03-01T12:00:00.000Z", last: null, due_at: null },
    { job: "check", subject: "offsite", next_at: "2026-03-07T23:00:00.000Z", running_since: null },
  ]);
  const valid = new Ajv2020({ strict: true, allowUnionTypes: true, schemas: [ledger] }).compile(schema);
  const probed = {
    name: "offsite",
    state: "ready",
    detail: "",
    id: "ab".repeat(32),
    expected_id: null,
    locks: [{ id: "1", time: "2026-03-01T12:00:00Z", host: "h", pid: 1, exclusive: false, stale: true }],
  } as const;
  const full = agentStatus(IDENTITY, stateDirectory, at("2026-03-01T12:00:00Z"), [probed]);
  expect(valid(JSON.parse(JSON.stringify(full))), JSON.stringify(valid.errors)).toBe(true);
  expect(statusText(full)).toBe(
    [
      "teamyap on 10.0.1.2: the scheduler does not run",
      "backup db (15 2 * * *): last success 2026-03-01T01:20:00.000Z, last run: failure (backup.failed), next 2026-03-02T01:15:00.000Z",
      "drill db (0 4 * * 0): last success never, running since 2026-03-01T12:00:00.000Z",
      "check offsite (@weekly): last success never, next 2026-03-07T23:00:00.000Z",
      "repository offsite: ready (abababab), 1 locks of which 1 stale",
    ].join("\n"),
  );
});

test("a newest success stays current until its next slot and grace, whenever its run was", async () => {
  const due = async (own: Partial<LedgerRecord>, schedule = "15 2 * * *", jitter = 0) => {
    const policy = aPolicy([aDatabase("db", { schedule, jitter_seconds: jitter })]);
    const { stateDirectory } = anAgent();
    await appendRecord(stateDirectory, aBackup(own));
    const status = agentStatus({ ...IDENTITY, policy }, stateDirectory, at("2026-03-01T12:00:00Z"), []);
    return status.jobs[0]?.due_at;
  };
  // Made up in the morning: it stands for the night.
  expect(await due({ started_at: "2026-03-01T08:00:00.000Z" })).toBe("2026-03-02T07:15:00.000Z");
  expect(await due({ started_at: "2026-03-01T08:00:00.000Z", trigger: { by: "hand" } })).toBe(
    "2026-03-02T07:15:00.000Z",
  );
  expect(await due({ started_at: "2026-03-01T01:00:00.000Z", trigger: { by: "hand" } })).toBe(
    "2026-03-01T07:15:00.000Z",
  );
  expect(await due({}, "15 2 * * *", 600)).toBe("2026-03-02T07:25:00.000Z");
  expect(await due({}, "*/5 * * * *")).toBe("2026-03-01T01:35:00.000Z");
  // From a clock that ran ahead: it must not be current for a year.
  expect(await due({ trigger: { by: "schedule", slot: "2027-03-01T01:15:00.000Z" } })).toBe(
    "2026-03-02T07:15:00.000Z",
  );
});

test("a backup that was skipped, as one was current, clears no failure of a newer one", async () => {
  const { stateDirectory } = anAgent({ policy: POLICY });
  const run = (own: Partial<LedgerRecord>) =>
    appendRecord(stateDirectory, aBackup({ trigger: { by: "hand" }, ...own }));
  const seen = () => agentStatus(IDENTITY, stateDirectory, at("2026-03-01T12:00:00Z"), []).jobs[0];
  await run({ outcome: "skipped" });
  expect(seen()).toMatchObject({ last: null, last_success: null });
  const good = await run({});
  const error = { code: "repository.unreachable", message: "m", todo: "t" };
  const failed = await run({ outcome: "failure", error });
  await run({ outcome: "skipped" });
  expect(seen()).toMatchObject({ last: failed, last_success: good });
  const again = await run({});
  expect(seen()).toMatchObject({ last: again, last_success: again });
});

test("a drill of an older backup clears no failure of the newest one, and makes nothing current", async () => {
  const { stateDirectory } = anAgent({ policy: POLICY });
  const drill = async (own: Partial<LedgerRecord>) => {
    const entry = await appendRecord(
      stateDirectory,
      aBackup({ job: "drill", trigger: { by: "hand" }, ...own }),
    );
    return { entry, seen: agentStatus(IDENTITY, stateDirectory, at("2026-03-01T12:00:00Z"), []).jobs[1] };
  };
  const older = { details: { run: "2026-02-01T01:15:02Z", newest: false } };
  const error = { code: "drill.failed", message: "m", todo: "t" };
  expect((await drill(older)).seen).toMatchObject({ last: null, last_success: null, due_at: null });
  const { entry: failed } = await drill({ outcome: "failure", error });
  expect((await drill(older)).seen).toMatchObject({ last: failed, last_success: null });
  const { entry: good, seen } = await drill({ details: { newest: true } });
  expect(seen).toMatchObject({ last: good, last_success: good });
  // That one cannot be restored is told all the same.
  const { entry: bad, seen: after } = await drill({ ...older, outcome: "failure", error });
  expect(after).toMatchObject({ last: bad, last_success: good });
});

test("a check of less than what failed clears nothing, and one that reads as much or more does", async () => {
  const check = (schedule: string, read_data: string | null) => ({ check: { schedule, read_data } });
  const policy = aPolicy([
    aDatabase("db", check("@daily", null)),
    aDatabase("db2", check("0 4 * * 0", "5%")),
  ]);
  const { stateDirectory } = anAgent({ policy });
  const append = (own: Partial<LedgerRecord>) =>
    appendRecord(stateDirectory, aBackup({ job: "check", target: null, trigger: { by: "hand" }, ...own }));
  const seen = () =>
    agentStatus({ ...IDENTITY, policy }, stateDirectory, at("2026-03-01T12:00:00Z"), []).jobs.slice(2);
  const error = { code: "repository.damaged", message: "m", todo: "t" };
  const damaged = await append({ outcome: "failure", error, details: { read_data: "5%" } });
  const daily = await append({ details: { read_data: null } });
  expect(seen()).toMatchObject([
    { schedule: "@daily", last: daily, last_success: daily },
    { schedule: "0 4 * * 0", last: damaged, last_success: null, due_at: null },
  ]);
  // At midnight of Madrid, which is the daily one's; it cannot say what it was to read.
  const trigger = { by: "schedule", slot: "2026-02-28T23:00:00.000Z" } as const;
  const died = await append({ outcome: "interrupted", error, trigger });
  expect(seen()).toMatchObject([{ last: died }, { last: damaged }]);
  const more = await append({ details: { read_data: "10%" } });
  expect(seen()).toMatchObject([{ last: more }, { last: more, last_success: more }]);
  // What no job reads any more, or never did, is of them all.
  const orphan = await append({ outcome: "failure", error, details: { read_data: "20%" } });
  expect(seen()).toMatchObject([
    { last: orphan, last_success: more },
    { last: orphan, last_success: more },
  ]);
});

test("a restore that was killed while it took its place is told, and not while a job has it in hand", async () => {
  const agent = anAgent({ policy: POLICY });
  const [target] = POLICY.targets as [ServerTarget];
  const made = { of: "teamyap", at: "2026-03-01T01:00:00.000Z" };
  noteMade(target, { ...made, name: "teamyap_before_1", stage: "kept", keptAs: null }, agent);
  noteMade(
    target,
    { ...made, name: "teamyap_restored_2", stage: "swapping", keptAs: "teamyap_before_2" },
    agent,
  );
  const status = () => agentStatus(IDENTITY, agent.stateDirectory, at("2026-03-01T12:00:00Z"), []);
  expect(status().half_restored).toEqual([{ target: "db", database: "teamyap", since: made.at }]);
  expect(statusText(status())).toContain(
    "restore of teamyap (db) since 2026-03-01T01:00:00.000Z: interrupted while it took its place, and not at its end",
  );
  const valid = new Ajv2020({ strict: true, allowUnionTypes: true, schemas: [ledger] }).compile(schema);
  expect(valid(JSON.parse(JSON.stringify(status()))), JSON.stringify(valid.errors)).toBe(true);
  await takeLock(agent.stateDirectory, {
    job: "restore",
    target: "db",
    repository: "offsite",
    trigger: { by: "hand" },
    since: "2026-03-01T12:00:00.000Z",
  });
  expect(status().half_restored).toEqual([]);
});

test("what a good run had to say all the same is told below it", async () => {
  const { stateDirectory } = anAgent({ policy: POLICY });
  await appendRecord(stateDirectory, aBackup({ details: { warnings: ["look"], notices: ["gone: orders"] } }));
  const text = statusText(agentStatus(IDENTITY, stateDirectory, at("2026-03-01T12:00:00Z"), []));
  expect(text.split("\n").slice(1, 4)).toEqual([
    expect.stringMatching(/^backup db /),
    "  note: look",
    "  note: gone: orders",
  ]);
});

test("status.json is written whole, for its owner only", () => {
  const agent = anAgent({ policy: POLICY });
  saveStatus(IDENTITY, agent);
  const written = JSON.parse(readFileSync(join(agent.stateDirectory, "status.json"), "utf8"));
  expect(written).toMatchObject({ format_version: "1", app: "teamyap", policy_hash: IDENTITY.policyHash });
  expect(agent.lines).toEqual([]);
});

test("a scheduler is there once, and is not when it ended", async () => {
  const { stateDirectory } = anAgent();
  const release = await becomeScheduler(stateDirectory, at("2026-03-01T12:00:00Z"));
  const since = () => agentStatus(IDENTITY, stateDirectory, at("2026-03-01T13:00:00Z"), []).scheduling_since;
  expect(since()).toBe("2026-03-01T12:00:00.000Z");
  await expect(becomeScheduler(stateDirectory, at("2026-03-01T12:00:00Z"))).rejects.toMatchObject({
    code: "agent.scheduling",
  });
  await release();
  expect(since()).toBeNull();
});

test("marks survive a restart", () => {
  const { stateDirectory } = anAgent();
  const marks = adopt({}, scheduledJobs(POLICY), at("2026-03-01T12:00:00Z"));
  writeMarks(stateDirectory, marks);
  expect(readMarks(stateDirectory)).toEqual(marks);
  expect(readMarks(anAgent().stateDirectory)).toEqual({});
});
