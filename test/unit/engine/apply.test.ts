import { existsSync, readFileSync, rmdirSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, describe, expect, test } from "vitest";
import { Failure } from "../../../src/errors.ts";
import { startApply } from "../../../src/engine/apply.ts";
import type { Apply } from "../../../src/engine/apply.ts";
import type { ApplyServices } from "../../../src/engine/apply-services.ts";
import { JOURNAL_DIRECTORY, JOURNAL_FILE, openJournal } from "../../../src/engine/journal.ts";
import type { JournalEntry } from "../../../src/engine/journal.ts";
import type { Ports } from "../../../src/engine/ports.ts";
import { createStepRunner } from "../../../src/engine/run-step.ts";
import { lastUnfinished } from "../../../src/engine/unfinished.ts";
import type { Impact } from "../../../src/model/impact.ts";
import type { Step } from "../../../src/model/step.ts";
import { checkout, evidenceIn, fileKind, planOf } from "./file-kind.ts";
import type { FileSpec } from "./file-kind.ts";

let directory: string;

beforeEach(() => {
  directory = checkout();
});

/** Docker here is a program of this test's own: it does what the test says, or waits until it is killed. */
function ports(docker: (argv: readonly string[], abort: AbortSignal) => Promise<string>): Ports {
  const none = () => Promise.reject(new Failure("internal.bug", "not part of this test"));
  return {
    kamal: none,
    sql: none,
    logTail: () => Promise.resolve("the log"),
    docker: (_host, argv, _stdin, abort) => docker(argv, abort),
  };
}

interface Scene {
  readonly files: readonly FileSpec[];
  readonly allowed?: Impact;
  readonly yes?: boolean;
  readonly docker?: (argv: readonly string[], abort: AbortSignal) => Promise<string>;
  readonly onTell?: (event: { event: string }, apply: () => Apply) => void;
  readonly overrides?: Partial<ApplyServices>;
}

async function run({
  files,
  allowed = "none",
  yes = true,
  docker = async () => "",
  onTell,
  overrides,
}: Scene) {
  const told: string[] = [];
  const lockPath = join(directory, "lock");
  let wasLocked = false;
  const apply: Apply = startApply({
    lock: async () => {
      mkdirSync(lockPath);
      return async () => rmdirSync(lockPath);
    },
    plan: async () => planOf([fileKind(files)], evidenceIn(directory)),
    confirm: async () => yes,
    openJournal: () => openJournal(directory, "run-1", () => new Date("2026-01-01T00:00:00Z")),
    runStep: createStepRunner(directory, new Map(), ports(docker)),
    allowed,
    tell: (event) => {
      wasLocked ||= existsSync(lockPath);
      told.push(event.event === "step" ? `step ${event.change}` : event.event);
      onTell?.(event, () => apply);
    },
    ...overrides,
  });
  const outcome = await apply.outcome;
  return { outcome, told, wasLocked, isLocked: existsSync(lockPath) };
}

const text = (path: string) => readFileSync(join(directory, path), "utf8");
const journal = () =>
  readFileSync(join(directory, JOURNAL_DIRECTORY, JOURNAL_FILE), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as JournalEntry);
const events = () =>
  journal().map((entry) => ("change" in entry ? `${entry.event} ${entry.change}` : entry.event));

describe("apply", () => {
  test("locks, writes, observes again and releases; a second one does nothing", async () => {
    const files = [{ path: "a", text: "1" }];
    const { outcome, told, wasLocked, isLocked } = await run({ files });
    expect(outcome).toMatchObject({ status: "done", stepped: ["file:a"], error: null });
    expect(outcome.plan?.changes).toMatchObject([{ action: "none" }]);
    expect(told).toEqual([
      "locking",
      "observing",
      "planned",
      "step file:a",
      "verifying",
      "planned",
      "releasing",
    ]);
    expect([wasLocked, isLocked, text("a")]).toEqual([true, false, "1"]);
    expect(events()).toEqual(["start", "begin file:a", "done file:a", "end"]);
    expect((await run({ files })).told).toEqual(["locking", "observing", "planned", "releasing"]);
    expect(await lastUnfinished(directory)).toBeNull();
  });

  test("does what becomes visible in further rounds", async () => {
    const files = [
      { path: "c", text: "3", behind: "b" },
      { path: "b", text: "2", behind: "a" },
      { path: "a", text: "1" },
    ];
    const { outcome, told } = await run({ files });
    expect(outcome.stepped).toEqual(["file:a", "file:b", "file:c"]);
    expect(told.filter((event) => event === "verifying")).toHaveLength(3);
  });

  test("gives up after five rounds", async () => {
    const files = "abcdefg".split("").map((path, index, all) => {
      const behind = all[index - 1];
      return { path, text: path, ...(behind === undefined ? {} : { behind }) };
    });
    const { outcome } = await run({ files });
    expect(outcome).toMatchObject({ status: "failed", error: { code: "apply.unsettled" } });
    expect((outcome.error as Failure).message).toContain("file:f, file:g");
  });

  test("what was done and still differs is an error that names it", async () => {
    const silent: Step[] = [{ run: "docker", host: "h", argv: ["true"] }];
    const { outcome, isLocked } = await run({ files: [{ path: "a", text: "1", steps: silent }] });
    expect(outcome).toMatchObject({ status: "failed", error: { code: "apply.unsettled" } });
    expect((outcome.error as Failure).message).toContain("file:a");
    expect(isLocked).toBe(false);
  });

  test("an impact above what is allowed applies nothing at all", async () => {
    const files: FileSpec[] = [
      { path: "a", text: "1" },
      { path: "b", text: "1", impact: "recreate" },
    ];
    const { outcome, isLocked } = await run({ files, allowed: "reload" });
    expect(outcome).toMatchObject({ status: "failed", stepped: [], error: { code: "apply.not-allowed" } });
    expect((outcome.error as Failure).message).toContain("--allow recreate");
    expect((outcome.error as Failure).detail).toBe("file:b needs recreate: b differs");
    expect([existsSync(join(directory, "a")), isLocked]).toEqual([false, false]);
  });

  test("an impact that shows only in a later round is judged too", async () => {
    const files: FileSpec[] = [
      { path: "a", text: "1" },
      { path: "b", text: "1", behind: "a", impact: "data" },
    ];
    const { outcome } = await run({ files });
    expect(outcome).toMatchObject({
      status: "failed",
      stepped: ["file:a"],
      error: { code: "apply.not-allowed" },
    });
    expect(existsSync(join(directory, "b"))).toBe(false);
  });

  test("what is blocked does not stop the rest", async () => {
    const files = [
      { path: "a", text: "1", hidden: true },
      { path: "b", text: "1" },
    ];
    const { outcome } = await run({ files });
    expect(outcome).toMatchObject({ status: "done", stepped: ["file:b"] });
    expect(outcome.plan?.changes[0]).toMatchObject({ action: "blocked", unknown: true });
  });

  test("no is no", async () => {
    const { outcome, isLocked } = await run({ files: [{ path: "a", text: "1" }], yes: false });
    expect(outcome).toMatchObject({ status: "failed", error: { code: "apply.not-approved" } });
    expect([
      existsSync(join(directory, "a")),
      existsSync(join(directory, JOURNAL_DIRECTORY)),
      isLocked,
    ]).toEqual([false, false, false]);
  });

  test("a step that fails is followed by the rollback of its change, and by nothing else", async () => {
    writeFileSync(join(directory, "a"), "old");
    const steps: Step[] = [
      { run: "edit", path: "a", before: "old", after: "new" },
      { run: "docker", host: "h", argv: ["boom"] },
    ];
    const files: FileSpec[] = [
      { path: "a", text: "new", steps, rollback: [{ run: "undo-edits" }] },
      { path: "b", text: "1", after: ["file:a"] },
    ];
    const docker = () =>
      Promise.reject(new Failure("docker.failed", "docker boom exited with 1", { detail: "it said" }));
    const { outcome, isLocked } = await run({ files, docker });
    expect(outcome).toMatchObject({
      status: "failed",
      error: { code: "docker.failed", detail: "it said\nfile:a was put back as it was" },
    });
    expect([text("a"), existsSync(join(directory, "b")), isLocked]).toEqual(["old", false, false]);
    expect(events()).toEqual([
      "start",
      "begin file:a",
      "done file:a",
      "begin file:a",
      "failed file:a",
      "begin file:a",
      "done file:a",
      "end",
    ]);
    expect(await lastUnfinished(directory)).toBe(
      "the last apply, of 2026-01-01T00:00:00.000Z, failed in file:a: h$ docker boom",
    );
  });

  test.each([
    ["ends where the container was not touched", "id-of-old\n", ["boom", "ps"]],
    ["goes on where the container is gone", "", ["boom", "ps", "mend"]],
  ])("a rollback %s", async (_what, running, expected) => {
    writeFileSync(join(directory, "a"), "old");
    const steps: Step[] = [
      { run: "edit", path: "a", before: "old", after: "new" },
      { run: "docker", host: "h", argv: ["boom"] },
    ];
    const rollback: Step[] = [
      { run: "undo-edits" },
      { run: "end-if-running", host: "h", container: "id-of-old" },
      { run: "docker", host: "h", argv: ["mend"] },
    ];
    const ran: string[] = [];
    const docker = async ([program = ""]: readonly string[]) => {
      ran.push(program);
      if (program === "boom") throw new Failure("docker.failed", "docker boom exited with 1");
      return program === "ps" ? running : "";
    };
    const { outcome } = await run({ files: [{ path: "a", text: "new", steps, rollback }], docker });
    expect(outcome).toMatchObject({
      status: "failed",
      error: { code: "docker.failed", detail: "file:a was put back as it was" },
    });
    expect(ran).toEqual(expected);
    expect(text("a")).toBe("old");
    expect(events().filter((event) => event.startsWith("done"))).toHaveLength(1 + expected.length);
  });

  test("a lock that cannot be had fails before anything is observed", async () => {
    const lock = () => Promise.reject(new Failure("kamal.locked", "held by somebody"));
    const { outcome, told } = await run({ files: [], overrides: { lock } });
    expect(outcome).toMatchObject({ status: "failed", error: { code: "kamal.locked" } });
    expect(told).toEqual(["locking"]);
  });

  test("a lock that cannot be released is a failure of an apply that was otherwise done", async () => {
    const lock = async () => () => Promise.reject(new Failure("kamal.failed", "gone"));
    const { outcome } = await run({ files: [{ path: "a", text: "1" }], overrides: { lock } });
    expect(outcome).toMatchObject({ status: "failed", error: null, releaseError: { code: "kamal.failed" } });
  });
});

describe("a signal", () => {
  const twoSteps: Step[] = [
    { run: "docker", host: "h", argv: ["first"] },
    { run: "docker", host: "h", argv: ["second"] },
  ];
  const files: FileSpec[] = [{ path: "a", text: "1", steps: twoSteps, rollback: [{ run: "undo-edits" }] }];

  test("lets the running step end, starts no other, and puts nothing back", async () => {
    const ran: string[] = [];
    const docker = async ([program = ""]: readonly string[]) => {
      await sleep(20);
      ran.push(program);
      return "";
    };
    const onTell: Scene["onTell"] = ({ event }, apply) => event === "step" && apply().signal("SIGTERM");
    const { outcome, isLocked } = await run({ files, docker, onTell });
    expect(outcome).toMatchObject({
      status: "interrupted",
      signal: "SIGTERM",
      at: "before file:a: h$ docker second",
    });
    expect([ran, isLocked]).toEqual([["first"], false]);
    expect(events()).toEqual(["start", "begin file:a", "done file:a", "end"]);
    expect(await lastUnfinished(directory)).toContain("was interrupted after file:a: h$ docker first");
  });

  test("a second one kills the running step", async () => {
    const docker = (_argv: readonly string[], abort: AbortSignal) =>
      new Promise<string>((_resolve, reject) =>
        abort.addEventListener("abort", () => reject(new Failure("host.interrupted", "killed"))),
      );
    const onTell: Scene["onTell"] = ({ event }, apply) => {
      if (event === "step")
        setTimeout(() => ["SIGINT", "SIGTERM"].map((name) => apply().signal(name as "SIGINT")), 20);
    };
    const { outcome, isLocked } = await run({ files, docker, onTell });
    expect(outcome).toMatchObject({
      status: "interrupted",
      signal: "SIGINT",
      at: "in file:a: h$ docker first",
    });
    expect(isLocked).toBe(false);
  });

  test("ends a wait at once", async () => {
    const wait: Step[] = [
      { run: "wait", host: "h", container: "c", until: "ready", what: "c answers", timeoutSeconds: 60 },
    ];
    const docker = async ([program = ""]: readonly string[]) => {
      if (program === "exec") throw new Failure("docker.failed", "not ready");
      return program === "ps" ? "id\n" : "running 0 0\n";
    };
    const onTell: Scene["onTell"] = ({ event }, apply) => event === "progress" && apply().signal("SIGINT");
    const started = performance.now();
    const { outcome } = await run({ files: [{ path: "a", text: "1", steps: wait }], docker, onTell });
    expect(outcome).toMatchObject({ status: "interrupted", at: "in file:a: wait up to 60 s: c answers" });
    expect(performance.now() - started).toBeLessThan(900);
  });

  test("does not wait for an observation, nor for an answer", async () => {
    const never = new Promise<never>(() => {});
    const observing = await run({
      files,
      onTell: ({ event }, apply) => event === "observing" && setTimeout(() => apply().signal("SIGINT"), 5),
      overrides: { plan: () => never },
    });
    expect(observing.outcome).toMatchObject({ status: "interrupted", signal: "SIGINT" });
    expect(observing.isLocked).toBe(false);
    const asking = await run({
      files,
      onTell: ({ event }, apply) => event === "planned" && setTimeout(() => apply().signal("SIGINT"), 5),
      overrides: {
        confirm: (_plan, stop) =>
          new Promise((resolve) => stop.addEventListener("abort", () => resolve(false))),
      },
    });
    expect(asking.outcome).toMatchObject({ status: "interrupted" });
    expect(asking.isLocked).toBe(false);
  });

  test("while the lock is awaited", async () => {
    const { outcome } = await run({
      files,
      onTell: ({ event }, apply) => event === "locking" && setTimeout(() => apply().signal("SIGINT"), 5),
      overrides: {
        lock: (stop) =>
          new Promise((_resolve, reject) =>
            stop.addEventListener("abort", () => reject(new Failure("kamal.interrupted", "interrupted"))),
          ),
      },
    });
    expect(outcome).toMatchObject({ status: "interrupted", signal: "SIGINT", stepped: [] });
  });
});

describe("a wait", () => {
  const step = {
    run: "wait",
    host: "h",
    container: "c",
    until: "ready",
    what: "c answers",
    timeoutSeconds: 1,
  } as const;
  const runWait = (inspect: (calls: number) => string) => {
    let calls = 0;
    const docker = async ([program = ""]: readonly string[]) => {
      if (program === "exec") throw new Failure("docker.failed", "not ready");
      if (program === "ps") return inspect(calls) === "" ? "" : "id\n";
      return inspect(calls++);
    };
    const stops = { stop: new AbortController().signal, abort: new AbortController().signal };
    return createStepRunner(directory, new Map(), ports(docker))(step, stops, () => {});
  };

  test.each([
    ["is gone", () => "", "c answers: its container is gone"],
    ["has stopped", () => "exited 0 1", "c answers: its container stopped with exit 1"],
    [
      "restarts in a loop",
      (calls: number) => `restarting ${calls * 3} 2`,
      "c answers: its container restarts again and again (exit 2)",
    ],
    ["does not answer in time", () => "running 0 0", "c answers: not after 1 s"],
  ])("whose container %s fails with the end of the log", async (_name, inspect, message) => {
    await expect(runWait(inspect)).rejects.toMatchObject({
      code: "apply.wait-failed",
      message,
      detail: "the end of its log:\nthe log",
    });
  });

  test("outlives a look at the container that fails", async () => {
    let looks = 0;
    const inspect = () => {
      looks += 1;
      if (looks === 1) throw new Failure("host.unreachable", "no answer");
      return "exited 0 1";
    };
    const message = "c answers: its container stopped with exit 1";
    await expect(runWait(inspect)).rejects.toMatchObject({ code: "apply.wait-failed", message });
  });
});
