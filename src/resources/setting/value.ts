/** Bytes a unit, as in guc.c; 8kB is the block, 16MB the default segment. */
const BYTES: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1024,
  "8kB": 8192,
  MB: 1024 ** 2,
  "16MB": 16 * 1024 ** 2,
  GB: 1024 ** 3,
  TB: 1024 ** 4,
};

/** Milliseconds a unit. */
const MILLISECONDS: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Those that can be written, largest first, sizes and times apart. */
const UNITS = ["TB", "GB", "MB", "kB", "B", "", "d", "h", "min", "s", "ms", "us"];

const TRUE = ["on", "true", "tru", "tr", "t", "yes", "ye", "y", "1"];
const FALSE = ["off", "of", "false", "fals", "fal", "fa", "f", "no", "n", "0"];

export interface Measured {
  readonly setting: string;
  readonly unit: string | null;
  readonly vartype: string;
}

/**
 * Whether a value as somebody writes it is the one that pg_settings shows
 * (postgresql.org/docs/current/config-setting.html, names and values).
 */
export function isSameSetting(written: string, live: Measured): boolean {
  if (live.vartype === "bool") return truth(written) === truth(live.setting);
  if (live.vartype === "integer" || live.vartype === "real") {
    const wanted = amount(written, live.unit);
    return (
      wanted !== null &&
      Math.abs(wanted - (amount(live.setting, live.unit) as number)) <= tolerance(live, wanted)
    );
  }
  // Enums such as synchronous_commit take every spelling of on and off too.
  return live.vartype === "enum" ? truth(written) === truth(live.setting) : written === live.setting;
}

/** The live value in the largest unit that it is a whole number of: 256MB of 32768 blocks. */
export function showSetting({ setting, unit }: Measured): string {
  if (unit === null || setting === "-1" || setting === "0") return setting;
  const scales = unit in BYTES ? BYTES : MILLISECONDS;
  const value = Number(setting) * (scales[unit] as number);
  const fits = UNITS.find((each) => each in scales && Number.isInteger(value / (scales[each] as number)));
  return fits === undefined ? `${setting}${unit}` : `${value / (scales[fits] as number)}${fits}`;
}

/** A number in the unit's base, bytes or milliseconds; null where it is no number. -1 stays -1 whatever the unit. */
function amount(text: string, unit: string | null): number | null {
  const match = /^\s*'?([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*([A-Za-z]*)'?\s*$/.exec(text);
  if (match === null) return null;
  const number = Number(match[1]);
  const written = match[2] === "" ? unit : (match[2] as string);
  if (number < 0 || written === null) return number;
  const scale = BYTES[written] ?? MILLISECONDS[written];
  if (scale === undefined) return null;
  return match[2] === "" ? number * scale : rounded(number * scale, written);
}

/** Postgres rounds a fraction such as 30.1GB to whole units of the next smaller one (convert_to_base_unit in guc.c). */
function rounded(value: number, unit: string): number {
  const next = UNITS[UNITS.indexOf(unit) + 1] ?? "";
  const smaller = BYTES[next] ?? MILLISECONDS[next];
  return smaller === undefined ? value : halfToEven(value / smaller) * smaller;
}

function halfToEven(value: number): number {
  const below = Math.floor(value);
  return value - below === 0.5 ? below + (below % 2) : Math.round(value);
}

/** Postgres rounds to whole units of an integer setting, and shows six digits of a real one. */
function tolerance(live: Measured, wanted: number): number {
  if (live.vartype === "real") return Math.abs(wanted) * 5e-6;
  const scale = live.unit === null ? 1 : (BYTES[live.unit] ?? MILLISECONDS[live.unit] ?? 1);
  return scale / 2;
}

function truth(text: string): boolean | string {
  const lower = text.toLowerCase();
  if (TRUE.includes(lower)) return true;
  return FALSE.includes(lower) ? false : lower;
}
