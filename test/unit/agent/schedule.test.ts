import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { startOf } from "../../../src/agent/schedule/jitter.ts";
import { slotsOf } from "../../../src/agent/schedule/slots.ts";
import { parseSchedule } from "../../../src/policy/schedule.ts";

const MINUTE = 60_000;

/** Slots from one instant on. */
function next(schedule: string, zone: string, from: string, count: number): string[] {
  const slots = slotsOf(schedule, zone);
  const found: string[] = [];
  for (let at = new Date(from); found.length < count; ) {
    const slot = slots.after(at);
    if (slot === null) break;
    found.push(slot.toISOString().replace(":00.000Z", "Z"));
    at = slot;
  }
  return found;
}

describe("a run in the skipped time happens once, right after it", () => {
  test.each([
    ["30 2 * * *", "Europe/Madrid", "2026-03-28T12:00Z", ["2026-03-29T01:00Z", "2026-03-30T00:30Z"]],
    ["30 2 * * *", "America/New_York", "2026-03-07T12:00Z", ["2026-03-08T07:00Z", "2026-03-09T06:30Z"]],
    ["15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00Z", ["2026-10-03T15:30Z", "2026-10-04T15:15Z"]],
    // Several skipped runs are one, and one with the run that is due at that moment.
    ["0,30 2,3 * * *", "Europe/Madrid", "2026-03-29T00:00Z", ["2026-03-29T01:00Z", "2026-03-29T01:30Z"]],
    [
      "20 * * * *",
      "Europe/Madrid",
      "2026-03-29T00:00Z",
      ["2026-03-29T00:20Z", "2026-03-29T01:00Z", "2026-03-29T01:20Z"],
    ],
    // Midnight itself is skipped.
    ["@daily", "Africa/Cairo", "2026-04-23T00:00Z", ["2026-04-23T22:00Z", "2026-04-24T21:00Z"]],
  ])("%s in %s", (schedule, zone, from, expected) => {
    expect(next(schedule, zone, from, expected.length)).toEqual(expected);
  });
});

describe("a run in the repeated time happens once", () => {
  test.each([
    ["30 2 * * *", "Europe/Madrid", "2026-10-24T12:00Z", ["2026-10-25T00:30Z", "2026-10-26T01:30Z"]],
    ["30 1 * * *", "America/New_York", "2026-10-31T12:00Z", ["2026-11-01T05:30Z", "2026-11-02T06:30Z"]],
    ["45 1 * * *", "Australia/Lord_Howe", "2026-04-04T00:00Z", ["2026-04-04T14:45Z", "2026-04-05T15:15Z"]],
    ["0 */2 * * *", "Europe/Madrid", "2026-10-24T22:00Z", ["2026-10-25T00:00Z", "2026-10-25T03:00Z"]],
  ])("%s in %s", (schedule, zone, from, expected) => {
    expect(next(schedule, zone, from, expected.length)).toEqual(expected);
  });

  test("but what runs in every hour goes on: its point is the time between two runs", () => {
    const hourly = next("@hourly", "Europe/Madrid", "2026-10-24T23:30Z", 4);
    expect(hourly).toEqual([
      "2026-10-25T00:00Z",
      "2026-10-25T01:00Z",
      "2026-10-25T02:00Z",
      "2026-10-25T03:00Z",
    ]);
  });
});

test("an interval is counted from 1970, so that a restart moves nothing", () => {
  expect(next("every 6h", "Europe/Madrid", "2026-03-29T01:23Z", 3)).toEqual([
    "2026-03-29T06:00Z",
    "2026-03-29T12:00Z",
    "2026-03-29T18:00Z",
  ]);
  expect(next("every 90m", "UTC", "1970-01-01T00:00Z", 2)).toEqual([
    "1970-01-01T01:30Z",
    "1970-01-01T03:00Z",
  ]);
});

test("a schedule that never fires has no slot", () => {
  expect(slotsOf("0 0 30 2 *", "UTC").after(new Date("2026-01-01"))).toBeNull();
});

/** A part of a cron field, in any way that the policy admits. */
function field(min: number, max: number, names: readonly string[] = []): fc.Arbitrary<string> {
  const value = fc.integer({ min, max });
  const named =
    names.length === 0 ? value.map(String) : fc.oneof(value.map(String), fc.constantFrom(...names));
  const range = fc.tuple(value, value).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`);
  const step = fc.integer({ min: 1, max: 70 });
  const part = fc.oneof(
    named,
    range,
    fc.tuple(range, step).map(([text, by]) => `${text}/${by}`),
    // From 7, which is Sunday, it would run backwards to Saturday.
    fc.tuple(value, step).map(([from, by]) => `${max === 7 ? from % 7 : from}/${by}`),
    step.map((by) => `*/${by}`),
  );
  const list = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join());
  return fc.oneof({ weight: 2, arbitrary: fc.constant("*") }, { weight: 3, arbitrary: list });
}

const cron = fc
  .tuple(
    field(0, 59),
    field(0, 23),
    field(1, 31),
    field(1, 12, ["jan", "FEB", "Dec"]),
    field(0, 7, ["sun", "Mon", "SAT"]),
  )
  .map((fields) => fields.join(" "));

const instant = fc
  .integer({ min: Date.UTC(2024, 0) / MINUTE, max: Date.UTC(2028, 0) / MINUTE })
  .map((minute) => new Date(minute * MINUTE));

test("croner and the policy's parser agree on every field, minute by minute", () => {
  fc.assert(
    fc.property(cron, instant, (schedule, from) => {
      const parsed = parseSchedule(schedule);
      if ("wrong" in parsed || "every" in parsed) throw new Error(`${schedule} was to be valid`);
      const admits = (time: Date) => {
        const inDays = parsed.days.includes(time.getUTCDate());
        const inWeekdays = parsed.weekdays.includes(time.getUTCDay());
        return (
          parsed.minutes.includes(time.getUTCMinutes()) &&
          parsed.hours.includes(time.getUTCHours()) &&
          parsed.months.includes(time.getUTCMonth() + 1) &&
          (parsed.eitherDay ? inDays || inWeekdays : inDays && inWeekdays)
        );
      };
      const slots = slotsOf(schedule, "UTC");
      const slot = slots.after(from);
      // Two days are walked; a slot further away only has to be one.
      const end = from.getTime() + 2 * 1440 * MINUTE;
      if (slot !== null) expect(admits(slot), `${schedule} at ${slot.toISOString()}`).toBe(true);
      for (let at = from.getTime() + MINUTE; at < Math.min(slot?.getTime() ?? end, end); at += MINUTE) {
        if (admits(new Date(at))) expect.fail(`${schedule} missed ${new Date(at).toISOString()}`);
      }
      if (slot !== null) expect(slots.atOrBefore(slot)).toEqual(slot);
    }),
    { numRuns: 300 },
  );
});

const ZONES = [
  "Europe/Madrid",
  "America/New_York",
  "Australia/Lord_Howe",
  "Africa/Cairo",
  "Asia/Kolkata",
  "UTC",
];
const CHANGES = [
  "2026-03-08",
  "2026-03-29",
  "2026-04-05",
  "2026-04-24",
  "2026-10-04",
  "2026-10-25",
  "2026-11-01",
];

/** The wall clock of every minute of three days, in minutes, as the platform has it. */
const wallClock = memoized((zone: string, day: string) => {
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "short" });
  const from = Date.parse(`${day}T00:00Z`) - 1440 * MINUTE;
  return Array.from(
    { length: 3 * 1440 },
    (_, minute) => Date.parse(`${format.format(from + minute * MINUTE).replace(" ", "T")}Z`) / MINUTE,
  );
});

function memoized<T>(work: (a: string, b: string) => T): (a: string, b: string) => T {
  const done = new Map<string, T>();
  return (a, b) => {
    const key = `${a} ${b}`;
    if (!done.has(key)) done.set(key, work(a, b));
    return done.get(key) as T;
  };
}

test("through every change of the clock: each wall time that is named has one run, and no other time has", () => {
  const times = fc.tuple(
    fc.uniqueArray(fc.integer({ min: 0, max: 59 }), { minLength: 1, maxLength: 3 }),
    fc.uniqueArray(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 3 }),
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...ZONES),
      fc.constantFrom(...CHANGES),
      times,
      (zone, day, [minutes, hours]) => {
        const from = Date.parse(`${day}T00:00Z`) - 1440 * MINUTE;
        const walls = wallClock(zone, day);
        // What the rule says, worked out minute by minute: a run is made when the wall clock first reaches or passes it.
        const expected: number[] = [];
        let reached = walls[0] ?? 0;
        for (const [index, at] of walls.entries()) {
          const passed = Array.from({ length: Math.max(0, at - reached) }, (_, step) => reached + step + 1);
          const named = passed.some(
            (w) => minutes.includes(w % 60) && hours.includes(Math.floor(w / 60) % 24),
          );
          if (named) expected.push(from + index * MINUTE);
          reached = Math.max(reached, at);
        }
        const slots = slotsOf(`${minutes.join()} ${hours.join()} * * *`, zone);
        const found: number[] = [];
        for (let slot = slots.after(new Date(from)); slot !== null; slot = slots.after(slot)) {
          if (slot.getTime() >= from + 3 * 1440 * MINUTE) break;
          found.push(slot.getTime());
          expect(slots.atOrBefore(new Date(slot.getTime() + 999))).toEqual(slot);
        }
        expect(found).toEqual(expected);
      },
    ),
    { numRuns: 60 },
  );
});

test("jitter is within its bound and always the same for app, subject and slot", () => {
  fc.assert(
    fc.property(instant, fc.integer({ min: 0, max: 86_400 }), fc.string(), (slot, jitter, subject) => {
      const start = startOf(slot, "app", subject, jitter);
      expect(start).toEqual(startOf(slot, "app", subject, jitter));
      expect(start.getTime()).toBeGreaterThanOrEqual(slot.getTime());
      expect(start.getTime()).toBeLessThanOrEqual(slot.getTime() + jitter * 1000);
    }),
  );
  const starts = Array.from({ length: 200 }, (_, day) =>
    startOf(new Date(day * 86_400_000), "app", "db", 600),
  );
  const delays = starts.map((start, day) => (start.getTime() - day * 86_400_000) / 600_000);
  expect(Math.max(...delays)).toBeGreaterThan(0.9);
  expect(Math.min(...delays)).toBeLessThan(0.1);
});
