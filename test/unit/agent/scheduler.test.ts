import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { scheduledJobs } from "../../../src/agent/schedule/jobs.ts";
import type { ScheduledJob } from "../../../src/agent/schedule/jobs.ts";
import { adopt, dueNow } from "../../../src/agent/schedule/marks.ts";
import type { Mark, Marks } from "../../../src/agent/schedule/marks.ts";
import { drain } from "../../../src/agent/scheduler/drain.ts";
import { schedule } from "../../../src/agent/scheduler/loop.ts";
import type { RunEnd } from "../../../src/agent/scheduler/loop.ts";
import type { AgentPolicy } from "../../../src/model/agent-policy.ts";
import { SimulatedClock } from "./a-simulated-clock.ts";
import { aDatabase, aPolicy, someFiles } from "./an-agent-policy.ts";

const MINUTE = 60_000;

interface Host {
  readonly clock: SimulatedClock;
  /** What ran: `backup db 2026-03-01T01:15Z`, the time being that of its start. */
  readonly runs: string[];
  /** The most that ran at once, by any two that were ever seen side by side. */
  readonly together: Set<string>;
  /** Starts the agent; what it returns stops it, or kills it with all that it runs. */
  boot(): (() => Promise<void>) & { readonly kill: () => void };
}

/** A host whose state survives the agent, with works that take so many minutes. */
function aHost(
  policy: AgentPolicy,
  start: string,
  minutes: (job: ScheduledJob) => number = () => 1,
  end: (job: ScheduledJob, run: number) => RunEnd = () => "ended",
): Host {
  const clock = new SimulatedClock(start);
  const runs: string[] = [];
  const together = new Set<string>();
  let marks: Marks = {};
  const boot = () => {
    const stop = new AbortController();
    const running = new Set<string>();
    let alive = true;
    const done = schedule({
      clock,
      app: policy.app,
      jobs: scheduledJobs(policy),
      readMarks: () => marks,
      writeMarks: (written) => {
        if (alive) marks = JSON.parse(JSON.stringify(written)) as Marks;
      },
      run: async (job) => {
        const name = `${job.job} ${job.subject}`;
        const result = end(job, runs.length);
        if (result === "busy") return result;
        runs.push(`${name} ${clock.now().toISOString().slice(0, 16)}Z`);
        for (const other of running) together.add([name, other].sort().join(" + "));
        running.add(name);
        await clock.sleep(minutes(job) * MINUTE);
        running.delete(name);
        return result;
      },
      log: () => {},
      stop: stop.signal,
    });
    const kill = () => {
      alive = false;
      stop.abort();
    };
    const stopped = async () => {
      stop.abort();
      await done;
    };
    return Object.assign(stopped, { kill });
  };
  return { clock, runs, together, boot };
}

describe("what is due", () => {
  test("a first start runs nothing; then every slot runs once", async () => {
    const { clock, runs, boot } = aHost(aPolicy([aDatabase("db")]), "2026-02-28T12:00Z");
    boot();
    await clock.passUntil("2026-03-01T01:14Z");
    expect(runs).toEqual([]);
    await clock.passUntil("2026-03-03T12:00Z");
    expect(runs).toEqual([
      "backup db 2026-03-01T01:15Z",
      "backup db 2026-03-02T01:15Z",
      "backup db 2026-03-03T01:15Z",
    ]);
  });

  test("a restart runs nothing by itself", async () => {
    const { clock, runs, boot } = aHost(aPolicy([aDatabase("db")]), "2026-02-28T12:00Z");
    const stop = boot();
    await clock.passUntil("2026-03-01T12:00Z");
    await stop();
    await boot()();
    boot();
    await clock.passUntil("2026-03-01T23:00Z");
    expect(runs).toEqual(["backup db 2026-03-01T01:15Z"]);
  });

  test("a new schedule has missed nothing", () => {
    const [old] = scheduledJobs(aPolicy([aDatabase("db")]));
    const [changed] = scheduledJobs(aPolicy([aDatabase("db", { schedule: "0 10 * * *" })]));
    const at = (iso: string) => new Date(iso);
    if (old === undefined || changed === undefined) throw new Error("no jobs");
    const marks = adopt({}, [old], at("2026-03-01T00:00Z"));
    // At 15:00 both were due: the one that stood all day, and not the one that is there since now.
    const now = at("2026-03-01T15:00Z");
    expect(dueNow(old, adopt(marks, [old], now)["backup db"] as Mark, "app", now).slot).toEqual(
      at("2026-03-01T01:15Z"),
    );
    expect(dueNow(changed, adopt(marks, [changed], now)["backup db"] as Mark, "app", now)).toEqual({
      slot: null,
      startsAt: at("2026-03-02T09:00Z"),
    });
  });

  test("runs that a host missed while it was down are made up once", async () => {
    const { clock, runs, boot } = aHost(aPolicy([aDatabase("db")]), "2026-02-28T12:00Z");
    const stop = boot();
    await clock.passUntil("2026-03-01T12:00Z");
    await stop();
    clock.set("2026-03-04T09:30Z");
    boot();
    await clock.passUntil("2026-03-05T12:00Z");
    expect(runs.slice(1)).toEqual(["backup db 2026-03-04T09:30Z", "backup db 2026-03-05T01:15Z"]);
  });

  test("a run that died with its agent is made up once, not again and again", async () => {
    const policy = aPolicy([aDatabase("db")]);
    const { clock, runs, boot } = aHost(policy, "2026-02-28T12:00Z", () => 600);
    for (const hour of ["02", "03", "04"]) {
      const { kill } = boot();
      await clock.passUntil(`2026-03-01T${hour}:00Z`);
      kill();
    }
    expect(runs).toEqual(["backup db 2026-03-01T01:15Z", "backup db 2026-03-01T02:00Z"]);
  });

  test("a target that somebody holds is tried again, and its slot is not lost", async () => {
    let busy = true;
    const policy = aPolicy([aDatabase("db")]);
    const { clock, runs, boot } = aHost(
      policy,
      "2026-02-28T12:00Z",
      () => 1,
      () => (busy ? "busy" : "ended"),
    );
    boot();
    await clock.passUntil("2026-03-01T01:30Z");
    busy = false;
    await clock.passUntil("2026-03-01T12:00Z");
    expect(runs).toEqual(["backup db 2026-03-01T01:30Z"]);
  });

  test("a run that takes longer than the schedule's step: the slots meanwhile are one run", async () => {
    const policy = aPolicy([aDatabase("db", { schedule: "*/10 * * * *" })]);
    const { clock, runs, boot } = aHost(policy, "2026-03-01T00:05Z", () => 25);
    boot();
    await clock.passUntil("2026-03-01T01:01Z");
    expect(runs.map((run) => run.slice(-6))).toEqual(["00:10Z", "00:35Z", "01:00Z"]);
  });

  test("around both changes of the clock each day has its run, and one only", async () => {
    const policy = aPolicy([aDatabase("db", { schedule: "30 2 * * *" })], { timezone: "Europe/Madrid" });
    const { clock, runs, boot } = aHost(policy, "2026-03-27T12:00Z");
    boot();
    await clock.passUntil("2026-03-31T12:00Z");
    clock.set("2026-10-23T12:00Z");
    await clock.passUntil("2026-10-27T12:00Z");
    const days = runs.map((run) => run.slice(10, 20));
    expect(new Set(days).size).toBe(runs.length);
    expect(runs).toContain("backup db 2026-03-29T01:00Z");
    expect(runs).toContain("backup db 2026-10-25T00:30Z");
    expect(runs).toHaveLength(4 + 1 + 4);
  });
});

describe("a clock that is set", () => {
  test("back by a little: the run is not repeated", async () => {
    const { clock, runs, boot } = aHost(aPolicy([aDatabase("db")]), "2026-02-28T12:00Z");
    boot();
    await clock.passUntil("2026-03-01T01:20Z");
    clock.set("2026-03-01T01:10Z");
    await clock.passUntil("2026-03-02T12:00Z");
    expect(runs).toEqual(["backup db 2026-03-01T01:15Z", "backup db 2026-03-02T01:15Z"]);
  });

  test("back by a year: nothing stalls", async () => {
    const { clock, runs, boot } = aHost(aPolicy([aDatabase("db")]), "2027-02-28T12:00Z");
    boot();
    await clock.passUntil("2027-03-01T12:00Z");
    clock.set("2026-03-01T12:00Z");
    await clock.passUntil("2026-03-03T12:00Z");
    expect(runs.slice(1)).toEqual(["backup db 2026-03-02T01:15Z", "backup db 2026-03-03T01:15Z"]);
  });

  test("forward: what was leapt over runs once, within half a minute", async () => {
    const { clock, runs, boot } = aHost(aPolicy([aDatabase("db")]), "2026-02-28T12:00Z");
    boot();
    await clock.passUntil("2026-02-28T13:00Z");
    clock.set("2026-03-20T13:00Z");
    await clock.passUntil("2026-03-20T13:01Z");
    expect(runs).toEqual(["backup db 2026-03-20T13:00Z"]);
  });

  test("any jumps: no schedule stalls for more than a slot and none runs twice in a minute of real time", async () => {
    const jumps = fc.array(fc.integer({ min: -72 * 60, max: 72 * 60 }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(jumps, async (minutes) => {
        const policy = aPolicy([aDatabase("db", { schedule: "every 6h" })]);
        const { clock, runs, boot } = aHost(policy, "2026-06-01T03:00Z");
        boot();
        for (const by of minutes) {
          await clock.passUntil(new Date(clock.now().getTime() + 61 * MINUTE).toISOString());
          const before = runs.length;
          clock.set(new Date(clock.now().getTime() + by * MINUTE).toISOString());
          await clock.passUntil(new Date(clock.now().getTime() + MINUTE).toISOString());
          expect(runs.length - before).toBeLessThanOrEqual(1);
        }
        const before = runs.length;
        await clock.passUntil(new Date(clock.now().getTime() + 13 * 60 * MINUTE).toISOString());
        expect(runs.length).toBeGreaterThan(before);
      }),
      { numRuns: 25 },
    );
  });
});

describe("side by side", () => {
  const busy = {
    schedule: "*/7 * * * *",
    prune: { schedule: "*/5 * * * *" },
    check: { schedule: "*/11 * * * *", read_data: null },
  };
  const policy = aPolicy(
    [
      aDatabase("a", busy, "*/3 * * * *"),
      aDatabase("b", busy, "*/4 * * * *"),
      someFiles("f", { ...busy, repository: "other" }),
    ],
    { repositories: ["offsite", "other"].map((name) => ({ ...aPolicy([]).repositories[0], name })) as never },
  );

  test("one run a target; check and prune have their repository for themselves; one drill at a time", async () => {
    const { clock, together, boot } = aHost(policy, "2026-03-01T00:00Z", ({ job }) =>
      job === "drill" ? 2 : 3,
    );
    boot();
    await clock.passUntil("2026-03-02T00:00Z");
    expect([...together]).toContain("backup a + backup b");
    expect([...together]).toContain("backup f + prune offsite");
    for (const pair of together) {
      const [one = "", two = ""] = pair.split(" + ");
      expect(one.split(" ")[1], pair).not.toBe(two.split(" ")[1]);
      expect(pair).not.toMatch(/drill.*drill/);
      const offsite = /^backup [ab]|offsite$/;
      if (/(check|prune)/.test(pair)) expect(offsite.test(one) && offsite.test(two), pair).toBe(false);
    }
  });

  test("targets that share a repository share its check and prune, one for each distinct schedule", () => {
    const names = scheduledJobs(policy).map(({ job, subject }) => `${job} ${subject}`);
    expect(names.filter((name) => /check|prune/.test(name))).toEqual([
      "check offsite",
      "check other",
      "prune offsite",
      "prune other",
    ]);
  });
});

describe("told to stop", () => {
  test("starts nothing more and waits for what runs", async () => {
    const { clock, runs, boot } = aHost(
      aPolicy([aDatabase("db", { schedule: "every 1h" })]),
      "2026-03-01T00:30Z",
      () => 90,
    );
    const stop = boot();
    await clock.passUntil("2026-03-01T01:05Z");
    let stopped = false;
    const stopping = stop().then(() => {
      stopped = true;
    });
    await clock.passUntil("2026-03-01T02:29Z");
    expect(stopped).toBe(false);
    await clock.passUntil("2026-03-01T02:31Z");
    await stopping;
    expect(runs).toHaveLength(1);
  });

  test("ends what runs after the grace, and at once when told again", async () => {
    const clock = new SimulatedClock("2026-03-01T00:00Z");
    const patient = drain(540, clock, () => {});
    patient.signalled();
    await clock.passUntil("2026-03-01T00:08:59Z");
    expect([patient.stop.aborted, patient.abort.aborted]).toEqual([true, false]);
    await clock.passUntil("2026-03-01T00:09:00Z");
    expect(patient.abort.aborted).toBe(true);
    const hasty = drain(540, clock, () => {});
    hasty.signalled();
    hasty.signalled();
    expect(hasty.abort.aborted).toBe(true);
  });
});
