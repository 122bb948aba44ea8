import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { Failure } from "../../../src/errors.ts";
import { JobFailure } from "../../../src/agent/jobs/job.ts";
import type { Work } from "../../../src/agent/jobs/job.ts";
import { runJob } from "../../../src/agent/job-machine.ts";
import { entriesBackwards, ledgerPath } from "../../../src/agent/ledger/read.ts";
import { emptyScratch } from "../../../src/agent/scheduler/clean-up.ts";
import { runningNow, takeDead } from "../../../src/agent/target-lock/target-lock.ts";
import type { LedgerEntry } from "../../../src/model/ledger.ts";
import { aStateDirectory } from "./a-state-directory.ts";
import { anAgent } from "./an-agent.ts";

function aJob(work: Work) {
  return { job: "backup", target: "db", repository: "offsite", trigger: { by: "hand" }, work } as const;
}

const SUCCESS = { outcome: "success", details: { bytes: 7 } } as const;

test("a success is recorded, and holds its lock only while it works", async () => {
  const agent = anAgent();
  const seen: string[] = [];
  const look = () =>
    seen.push(
      runningNow(agent.stateDirectory)
        .map(({ target }) => target)
        .join(),
    );
  const { entry, error } = await runJob(
    aJob(async () => {
      look();
      return SUCCESS;
    }),
    agent,
    look,
  );
  expect(error).toBeNull();
  expect(entry).toMatchObject({
    job: "backup",
    outcome: "success",
    error: null,
    details: { bytes: 7 },
    seq: 1,
  });
  expect([...entriesBackwards(agent.stateDirectory)]).toEqual([entry]);
  expect(seen).toEqual(["db", "db", ""]);
});

test.each([
  [
    new Failure("repository.absent", "no repository at hunter2secret", { detail: "pw=hunter2secret" }),
    "repository.absent",
  ],
  [new TypeError("undefined is not hunter2secret"), "internal.bug"],
  ["hunter2secret was thrown", "internal.bug"],
])("a failure is recorded without its secrets, and the lock is given back: %s", async (thrown, code) => {
  const agent = anAgent({}, { PASSWORD: "hunter2secret" });
  const { entry, error } = await runJob(
    aJob(() => Promise.reject(thrown)),
    agent,
    () => {},
  );
  expect(error).toBe(thrown);
  expect(entry).toMatchObject({ outcome: "failure", error: { code } });
  expect(readFileSync(ledgerPath(agent.stateDirectory), "utf8")).not.toContain("hunter2secret");
  expect(
    await runJob(
      aJob(async () => SUCCESS),
      agent,
      () => {},
    ),
  ).toMatchObject({ error: null });
});

test("what a failed job found out all the same is recorded", async () => {
  const failure = new JobFailure("repository.absent", "no", { details: { seconds: 12 } });
  const { entry } = await runJob(
    aJob(() => Promise.reject(failure)),
    anAgent(),
    () => {},
  );
  expect(entry?.details).toMatchObject({ seconds: 12 });
});

test("what was told to stop is recorded as interrupted; what succeeded all the same, as that", async () => {
  const abort = new AbortController();
  const agent = anAgent({ signal: abort.signal });
  const work: Work = (context) =>
    new Promise((_, reject) =>
      context.signal.addEventListener("abort", () => reject(new Failure("agent.interrupted", "stopped"))),
    );
  const running = runJob(aJob(work), agent, () => {});
  setTimeout(() => abort.abort(), 50);
  expect((await running).entry).toMatchObject({
    outcome: "interrupted",
    error: { code: "agent.interrupted" },
  });
  expect(
    (
      await runJob(
        aJob(async () => SUCCESS),
        agent,
        () => {},
      )
    ).entry,
  ).toMatchObject({ outcome: "success" });
});

test("a second run of the same target is refused, says who is there, and records nothing", async () => {
  const agent = anAgent();
  let release = () => {};
  const first = runJob(
    aJob(
      () =>
        new Promise((resolve) => {
          release = () => resolve(SUCCESS);
        }),
    ),
    agent,
    () => {},
  );
  await expect.poll(() => runningNow(agent.stateDirectory).length).toBe(1);
  const { entry, error } = await runJob(
    aJob(async () => SUCCESS),
    agent,
    () => {},
  );
  expect(entry).toBeNull();
  expect(error).toMatchObject({ code: "agent.busy", where: expect.stringContaining(String(process.pid)) });
  release();
  await first;
  expect([...entriesBackwards(agent.stateDirectory)]).toHaveLength(1);
});

test("a success that cannot be recorded is a failure of the job", async () => {
  const agent = anAgent();
  const { entry, error } = await runJob(
    aJob(async () => {
      mkdirSync(ledgerPath(agent.stateDirectory));
      return SUCCESS;
    }),
    agent,
    () => {},
  );
  expect({ entry, code: (error as Failure).code }).toEqual({ entry: null, code: "ledger.unwritable" });
  expect(runningNow(agent.stateDirectory)).toEqual([]);
});

async function aHolder(state: string, inside: readonly string[] = []): Promise<ChildProcess> {
  const script = fileURLToPath(new URL("./hold-a-lock.ts", import.meta.url));
  const [program = "", ...argv] = [...inside, process.execPath, script, state];
  const child = spawn(program, argv, { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child.stdout, "data");
  return child;
}

test("a lock holds across processes; that of a killed one is taken over, and its run recorded as interrupted", async () => {
  const agent = anAgent();
  const holder = await aHolder(agent.stateDirectory);
  const file = join(agent.stateDirectory, "locks", "target-db.json");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(runningNow(agent.stateDirectory)).toMatchObject([
    { target: "db", since: "2026-03-01T01:15:01.000Z" },
  ]);
  expect(await takeDead(agent.stateDirectory)).toEqual([]);
  const refused = await runJob(
    aJob(async () => SUCCESS),
    agent,
    () => {},
  );
  expect(refused.error).toMatchObject({
    code: "agent.busy",
    where: expect.stringContaining(String(holder.pid)),
  });
  holder.kill("SIGKILL");
  await once(holder, "exit");
  expect(runningNow(agent.stateDirectory)).toEqual([]);
  expect(
    (
      await runJob(
        aJob(async () => SUCCESS),
        agent,
        () => {},
      )
    ).error,
  ).toBeNull();
  const [own, died] = [...entriesBackwards(agent.stateDirectory)] as [LedgerEntry, LedgerEntry];
  expect(own.outcome).toBe("success");
  expect(died).toMatchObject({
    outcome: "interrupted",
    started_at: "2026-03-01T01:15:01.000Z",
    trigger: { by: "schedule", slot: "2026-03-01T01:15:00.000Z" },
  });
});

/** What a second container on the same volumes has of its own. */
const ANOTHER_CONTAINER = "unshare --map-root-user --net --pid --fork --mount-proc --kill-child".split(" ");

test("a lock holds across containers, and is free once the other one is gone", async () => {
  const agent = anAgent({ scratchDirectory: aStateDirectory() });
  const job = aJob(async () => SUCCESS);
  const holder = await aHolder(agent.stateDirectory, ANOTHER_CONTAINER);
  writeFileSync(join(agent.scratchDirectory, "dump"), "in use");
  expect((await runJob(job, agent, () => {})).error).toMatchObject({
    code: "agent.busy",
    where: "another container of the agent, started on schedule",
  });
  expect(await takeDead(agent.stateDirectory)).toEqual([]);
  await emptyScratch(agent);
  expect(readdirSync(agent.scratchDirectory)).toEqual(["dump"]);
  holder.kill("SIGKILL");
  await expect.poll(async () => (await runJob(job, agent, () => {})).error).toBeNull();
  expect([...entriesBackwards(agent.stateDirectory)]).toMatchObject([
    { outcome: "success" },
    { outcome: "interrupted" },
  ]);
});

test("a state directory in which no lock can be taken is a failure with a code", async () => {
  const file = join(aStateDirectory(), "file");
  writeFileSync(file, "");
  const agent = anAgent({ stateDirectory: file });
  const end = await runJob(
    aJob(async () => SUCCESS),
    agent,
    () => {},
  );
  expect(end).toMatchObject({ entry: null, error: { code: "agent.no-lock", where: join(file, "locks") } });
});

test("what a killed process held is found once, also where nobody takes that lock again", async () => {
  const { stateDirectory } = anAgent();
  const holder = await aHolder(stateDirectory);
  holder.kill("SIGKILL");
  await once(holder, "exit");
  const found = await Promise.all([takeDead(stateDirectory), takeDead(stateDirectory)]);
  expect(found.flat()).toHaveLength(1);
});

test("of many that want a lock at once one gets it", async () => {
  const agent = anAgent();
  const slow: Work = () => new Promise((resolve) => setTimeout(() => resolve(SUCCESS), 200));
  const ends = await Promise.all(Array.from({ length: 10 }, () => runJob(aJob(slow), agent, () => {})));
  expect(ends.filter(({ error }) => error === null)).toHaveLength(1);
});
