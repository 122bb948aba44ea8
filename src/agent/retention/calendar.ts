/** A moment as the clocks of a zone show it. */
export interface WallTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** @param zone IANA name */
export function wallTime(instant: Date, zone: string): WallTime {
  const parts = Object.fromEntries(
    formatOf(zone)
      .formatToParts(instant)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = parts;
  return { year, month, day, hour, minute, second };
}

/**
 * When the clocks of the zone show that time. One that they show twice (clocks set back) is the later one; one that they
 * skip is as far behind the gap as it is behind its beginning.
 */
export function instantOf(wall: WallTime, zone: string): Date {
  const shown = utcOf(wall);
  // The offset changes at most once within these two days.
  const [before, after] = [shown - 86_400_000, shown + 86_400_000].map((at) => offsetAt(at, zone)) as [
    number,
    number,
  ];
  const fits = [before, after]
    .map((offset) => shown - offset)
    .filter((at) => utcOf(wallTime(new Date(at), zone)) === shown);
  return new Date(fits.length > 0 ? Math.max(...fits) : shown - before);
}

/** What stands for the period that a moment is in: equal for two moments in the same one. */
export const PERIODS = {
  // Of an hour that the clocks show twice, both count.
  hourly: (at: Date, zone: string) => {
    const { year, month, day, hour } = wallTime(at, zone);
    return `${year}-${month}-${day} ${hour} ${offsetAt(at.getTime(), zone)}`;
  },
  daily: (at: Date, zone: string) => {
    const { year, month, day } = wallTime(at, zone);
    return `${year}-${month}-${day}`;
  },
  weekly: (at: Date, zone: string) => isoWeek(wallTime(at, zone)),
  monthly: (at: Date, zone: string) => {
    const { year, month } = wallTime(at, zone);
    return `${year}-${month}`;
  },
  yearly: (at: Date, zone: string) => String(wallTime(at, zone).year),
} as const;

/** ISO 8601: weeks begin on Monday and belong to the year that has their Thursday. */
function isoWeek({ year, month, day }: WallTime): string {
  const date = new Date(Date.UTC(year, month - 1, day));
  const thursday = new Date(date.getTime() + (3 - ((date.getUTCDay() + 6) % 7)) * 86_400_000);
  const firstDay = Date.UTC(thursday.getUTCFullYear(), 0, 1);
  return `${thursday.getUTCFullYear()}-W${1 + Math.floor((thursday.getTime() - firstDay) / 604_800_000)}`;
}

/** Milliseconds that the zone's clocks are ahead of UTC. */
function offsetAt(milliseconds: number, zone: string): number {
  const whole = Math.floor(milliseconds / 1000) * 1000;
  return utcOf(wallTime(new Date(whole), zone)) - whole;
}

function utcOf({ year, month, day, hour, minute, second }: WallTime): number {
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const made = formats.get(zone);
  if (made !== undefined) return made;
  const numeric = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric" } as const;
  const format = new Intl.DateTimeFormat("en-US", {
    ...numeric,
    minute: "numeric",
    second: "numeric",
    hourCycle: "h23",
    timeZone: zone,
  });
  formats.set(zone, format);
  return format;
}
