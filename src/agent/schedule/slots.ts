import { Cron } from "croner";
import { parseSchedule } from "../../policy/schedule.ts";
import type { Cron as Fields } from "../../policy/schedule.ts";

/**
 * When a schedule fires, as instants. In a zone with summer time (times by the wall clock, whole minutes):
 * a run in a skipped time happens once, at the first instant after it; a run in a repeated time happens the first time
 * only, but a schedule that admits every hour goes on through both, as its point is the time that passes between runs.
 */
export interface Slots {
  /** The first slot later than that; null where there is none ever. */
  after(time: Date): Date | null;
  /** The newest slot at or before that; null where there is none. */
  atOrBefore(time: Date): Date | null;
}

/** Slots of a schedule as the policy writes it, in an IANA zone. Throws for a text that the policy's checks refuse. */
export function slotsOf(schedule: string, zone: string): Slots {
  const parsed = parseSchedule(schedule);
  if ("wrong" in parsed) throw new TypeError(`schedule ${schedule}: ${parsed.wrong}`);
  if ("every" in parsed) return everySlots(parsed.every * 1000);
  const calendars = patterns(parsed).map(
    (pattern) => new Cron(pattern, { timezone: zone, mode: "5-part", fixedTimeRule: "no-wildcard" }),
  );
  return {
    after: remembering((time) =>
      extreme(
        calendars.flatMap((calendar) => calendar.nextRun(time) ?? []),
        Math.min,
      ),
    ),
    // croner's previous is strictly earlier.
    atOrBefore: (time) =>
      extreme(
        calendars.flatMap((calendar) => calendar.previousRuns(1, new Date(time.getTime() + 1))),
        Math.max,
      ),
  };
}

/** Multiples of the interval since 1970, so that a restart moves nothing. */
function everySlots(interval: number): Slots {
  const multiple = (number: number) => new Date(number * interval);
  return {
    after: (time) => multiple(Math.floor(time.getTime() / interval) + 1),
    atOrBefore: (time) => multiple(Math.floor(time.getTime() / interval)),
  };
}

/** The scheduler asks for the slot after the same instant twice a minute; croner takes a millisecond each time. */
function remembering(work: Slots["after"]): Slots["after"] {
  let last: { readonly time: number; readonly slot: Date | null } | undefined;
  return (time) => {
    if (last?.time !== time.getTime()) last = { time: time.getTime(), slot: work(time) };
    return last.slot;
  };
}

function extreme(times: readonly Date[], choose: (...values: number[]) => number): Date | null {
  return times.length === 0 ? null : new Date(choose(...times.map((time) => time.getTime())));
}

/**
 * The fields as croner is to read them: lists of numbers, so that nothing hangs on how it parses. A time without a
 * wildcard is fixed for it ("no-wildcard"), which is the rule for the skipped and the repeated time.
 */
function patterns({ minutes, hours, days, months, weekdays, eitherDay }: Fields): readonly string[] {
  const day = list(days, 31);
  const weekday = list(weekdays, 7);
  // In croner as in crontab(5) a star in one day field, and only that, leaves the day to the other. Both restricted
  // without `eitherDay` is `*/2` beside `mon`: both must admit the day, which croner writes as +.
  const both = !eitherDay && day !== "*" && weekday !== "*";
  const either = eitherDay && (day === "*" || weekday === "*");
  const dates = either ? `* ${months.join()} *` : `${day} ${months.join()} ${both ? "+" : ""}${weekday}`;
  const fixed = `${minutes.join()} ${hours.join()} ${dates}`;
  return hours.length === 24 ? [fixed, `${minutes.join()} * ${dates}`] : [fixed];
}

function list(values: readonly number[], size: number): string {
  return values.length === size ? "*" : values.join();
}
