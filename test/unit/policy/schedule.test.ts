import { expect, test } from "vitest";
import { durationSeconds, showDuration } from "../../../src/policy/duration.ts";
import { gapsOf, parseSchedule } from "../../../src/policy/schedule.ts";

const HOUR = 3600;
const DAY = 24 * HOUR;

test.each([
  ["@hourly", HOUR],
  ["@daily", DAY],
  ["@weekly", 7 * DAY],
  ["@monthly", 31 * DAY],
  ["@yearly", 366 * DAY],
  ["every 90m", 90 * 60],
  ["*/15 * * * *", 15 * 60],
  ["0 2,14 * * *", 12 * HOUR],
  ["0 8-18/2 * * *", 14 * HOUR],
  ["30 2 * * 1-5", 3 * DAY],
  ["0 0 * * sun", 7 * DAY],
  ["0 0 * * 5-7", 5 * DAY],
  ["0 0 29 2 *", (4 * 365 + 1) * DAY],
  // Either day field admits a day when both are restricted.
  ["0 0 1 * mon", 7 * DAY],
  ["0 0 31 2 mon", 50 * 7 * DAY],
  ["0 0 30 2 *", null],
])("%s is at most %d s apart", (text, gap) => {
  const schedule = parseSchedule(text);
  expect("wrong" in schedule ? schedule.wrong : (gapsOf(schedule)?.longest ?? null)).toBe(gap);
});

test.each([
  ["@daily", DAY],
  ["every 90m", 90 * 60],
  ["0,5 2 * * *", 5 * 60],
  ["0 1,23 * * *", 2 * HOUR],
  ["0 0 * * 5-7", DAY],
])("%s is at least %d s apart", (text, gap) => {
  const schedule = parseSchedule(text);
  expect("wrong" in schedule ? schedule.wrong : gapsOf(schedule)?.shortest).toBe(gap);
});

test.each([
  "60 * * * *",
  "* 24 * * *",
  "* * 0 * *",
  "* * * 13 *",
  "* * * * 8",
  "1-x * * * *",
  "5-1 * * * *",
  "*/0 * * * *",
  "a * * * *",
  ", * * * *",
])("%s is no schedule", (text) => {
  expect(parseSchedule(text)).toHaveProperty("wrong");
});

test("durations to seconds and back", () => {
  expect(["30s", "15m", "6h", "7d"].map(durationSeconds)).toEqual([30, 900, 21_600, 604_800]);
  expect([30, 900, 21_600, 604_800, 5400].map(showDuration)).toEqual(["30s", "15m", "6h", "7d", "90m"]);
});
