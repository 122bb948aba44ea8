import { durationSeconds } from "./duration.ts";

/** When something runs: at an interval, or at the minutes that five cron fields admit. */
export type Schedule = { readonly every: number } | Cron;

/** The admitted values of each field, in ascending order. Sunday is 0. */
export interface Cron {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly days: readonly number[];
  readonly months: readonly number[];
  readonly weekdays: readonly number[];
  /** Both day fields are restricted: a day that either admits is admitted (crontab(5)). */
  readonly eitherDay: boolean;
}

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Names of the values from `min` on. */
  readonly names: readonly string[];
}

const FIELDS = {
  minutes: { name: "minute", min: 0, max: 59, names: [] },
  hours: { name: "hour", min: 0, max: 23, names: [] },
  days: { name: "day of the month", min: 1, max: 31, names: [] },
  months: {
    name: "month",
    min: 1,
    max: 12,
    names: "jan feb mar apr may jun jul aug sep oct nov dec".split(" "),
  },
  // 7 is Sunday too.
  weekdays: { name: "day of the week", min: 0, max: 7, names: "sun mon tue wed thu fri sat".split(" ") },
} satisfies Record<string, Field>;

const NAMED: Readonly<Record<string, string>> = {
  "@hourly": "0 * * * *",
  "@daily": "0 0 * * *",
  "@weekly": "0 0 * * 0",
  "@monthly": "0 0 1 * *",
  "@yearly": "0 0 1 1 *",
};

/** A schedule of the policy's schema in parts, or what is wrong with one of its cron fields. */
export function parseSchedule(text: string): Schedule | { readonly wrong: string } {
  if (text.startsWith("every ")) return { every: durationSeconds(text.slice("every ".length)) };
  const [minute = "", hour = "", day = "", month = "", weekday = ""] = (NAMED[text] ?? text).split(/ +/);
  try {
    return {
      minutes: parseField(minute, FIELDS.minutes),
      hours: parseField(hour, FIELDS.hours),
      days: parseField(day, FIELDS.days),
      months: parseField(month, FIELDS.months),
      weekdays: [...new Set(parseField(weekday, FIELDS.weekdays).map((value) => value % 7))].sort(
        (a, b) => a - b,
      ),
      eitherDay: !day.startsWith("*") && !weekday.startsWith("*"),
    };
  } catch (error) {
    if (error instanceof WrongField) return { wrong: error.message };
    throw error;
  }
}

/**
 * The shortest and the longest time between two runs in seconds, or null where there are no two ever. In nominal days of
 * 24 hours: a change to or from summer time is not counted.
 */
export function gapsOf(schedule: Schedule): { readonly shortest: number; readonly longest: number } | null {
  if ("every" in schedule) return { shortest: schedule.every, longest: schedule.every };
  const times = schedule.hours.flatMap((hour) => schedule.minutes.map((minute) => hour * 60 + minute));
  const first = times[0] ?? 0;
  const last = times.at(-1) ?? 0;
  const inDay = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  let [shortest, longest] = [Math.min(...inDay), Math.max(0, ...inDay)];
  let previous: number | undefined;
  for (const day of firingDays(schedule)) {
    if (previous !== undefined) {
      const overnight = (day - previous) * 1440 + first - last;
      shortest = Math.min(shortest, overnight);
      longest = Math.max(longest, overnight);
    }
    previous = day;
  }
  return previous === undefined ? null : { shortest: shortest * 60, longest: longest * 60 };
}

const DAY = 86_400_000;
/** 28 years and one: every weekday meets every date, 29 February included. */
const YEARS = Array.from({ length: 29 }, (_, index) => 2000 + index);
/** Weekdays alone come back every week. */
const ONE_YEAR = YEARS.slice(0, 1);

/** Days since 1970 on which it fires, in ascending order, for as long as it takes to see every gap between two. */
function* firingDays(cron: Cron): Generator<number> {
  const everyDate = cron.days.length === 31 && cron.months.length === 12;
  for (const year of everyDate ? ONE_YEAR : YEARS) {
    for (const month of cron.months) {
      const start = Date.UTC(year, month - 1) / DAY;
      const length = Date.UTC(year, month) / DAY - start;
      for (let date = 1; date <= length; date++) {
        const serial = start + date - 1;
        const inDays = cron.days.includes(date);
        // 1970 began on a Thursday.
        const inWeekdays = cron.weekdays.includes((serial + 4) % 7);
        if (cron.eitherDay ? inDays || inWeekdays : inDays && inWeekdays) yield serial;
      }
    }
  }
}

class WrongField extends Error {}

function parseField(text: string, field: Field): readonly number[] {
  const values = text.split(",").flatMap((part) => parsePart(part, field));
  return [...new Set(values)].sort((a, b) => a - b);
}

function parsePart(part: string, field: Field): readonly number[] {
  const match = /^(?:(\*)|(\w+)(?:-(\w+))?)(?:\/(\d+))?$/.exec(part);
  if (match === null) throw new WrongField(`\`${part}\` is no ${field.name}`);
  const [, all, from = "", to, stepText] = match;
  const low = all === undefined ? fieldValue(from, field) : field.min;
  const high =
    to === undefined ? ((all ?? stepText) === undefined ? low : topOf(field)) : fieldValue(to, field);
  const step = Number(stepText ?? 1);
  if (step === 0) throw new WrongField(`\`${part}\` has a step of 0`);
  if (low > high) throw new WrongField(`\`${part}\` runs backwards`);
  return Array.from({ length: Math.floor((high - low) / step) + 1 }, (_, index) => low + index * step);
}

function topOf(field: Field): number {
  return field === FIELDS.weekdays ? 6 : field.max;
}

function fieldValue(text: string, field: Field): number {
  const named = field.names.indexOf(text.toLowerCase());
  const value = named === -1 ? Number(text) : named + field.min;
  if (/^[a-z]/i.test(text) && named === -1) throw new WrongField(`\`${text}\` is no ${field.name}`);
  if (!Number.isInteger(value) || value < field.min || value > field.max) {
    throw new WrongField(`${field.name} ${text} is not within ${field.min}-${field.max}`);
  }
  return value;
}
