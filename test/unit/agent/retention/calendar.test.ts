import fc from "fast-check";
import { expect, test } from "vitest";
import { instantOf, PERIODS, wallTime } from "../../../../src/agent/retention/calendar.ts";

const ZONE = "Europe/Berlin";
const wall = (text: string) => {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = text.split(/\D/).map(Number);
  return { year, month, day, hour, minute, second };
};
const instant = (text: string, zone = ZONE): string => instantOf(wall(text), zone).toISOString();

test("a time of the clocks is found again, in any zone, but in the hour that comes twice", () => {
  const zones = fc.constantFrom("UTC", ZONE, "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu");
  fc.assert(
    fc.property(
      fc.date({ min: new Date("1995-01-01"), max: new Date("2040-01-01"), noInvalidDate: true }),
      zones,
      (date, zone) => {
        const second = new Date(Math.floor(date.getTime() / 1000) * 1000);
        const found = instantOf(wallTime(second, zone), zone);
        const twice = found.getTime() - second.getTime();
        expect(twice === 0 || twice === 3_600_000 || twice === 1_800_000).toBe(true);
        expect(wallTime(found, zone)).toEqual(wallTime(second, zone));
      },
    ),
  );
});

test("an hour that is skipped lies behind the gap, one that comes twice is the second", () => {
  expect(instant("2026-03-29 01:59:59")).toBe("2026-03-29T00:59:59.000Z");
  expect(instant("2026-03-29 02:30:00")).toBe("2026-03-29T01:30:00.000Z");
  expect(instant("2026-03-29 03:00:00")).toBe("2026-03-29T01:00:00.000Z");
  expect(instant("2026-10-25 02:30:00")).toBe("2026-10-25T01:30:00.000Z");
  expect(instant("2026-10-25 01:59:59")).toBe("2026-10-24T23:59:59.000Z");
});

test("periods are the zone's, weeks those of ISO 8601", () => {
  const newYear = new Date("2026-12-31T23:30:00Z");
  expect(PERIODS.yearly(newYear, "UTC")).toBe("2026");
  expect(PERIODS.yearly(newYear, ZONE)).toBe("2027");
  expect(PERIODS.daily(newYear, ZONE)).toBe("2027-1-1");
  expect(PERIODS.monthly(newYear, ZONE)).toBe("2027-1");
  // The first of January 2027 is a Friday, the one of 2024 a Monday.
  expect(PERIODS.weekly(newYear, ZONE)).toBe("2026-W53");
  expect(PERIODS.weekly(new Date("2024-01-01T12:00:00Z"), "UTC")).toBe("2024-W1");
  expect(PERIODS.weekly(new Date("2024-12-30T12:00:00Z"), "UTC")).toBe("2025-W1");
  const [first, second] = ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"].map((at) =>
    PERIODS.hourly(new Date(at), ZONE),
  );
  expect(first).not.toBe(second);
});
