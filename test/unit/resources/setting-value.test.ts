import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isSameSetting, showSetting } from "../../../src/resources/setting/value.ts";

const SIZES = { B: 1, kB: 1024, MB: 1024 ** 2, GB: 1024 ** 3, TB: 1024 ** 4 } as const;
const UNITS = { kB: 1024, "8kB": 8192, MB: 1024 ** 2, B: 1, "16MB": 16 * 1024 ** 2 } as const;

const size = fc.record({
  number: fc.integer({ min: 1, max: 4096 }),
  written: fc.constantFrom(...(Object.keys(SIZES) as (keyof typeof SIZES)[])),
  unit: fc.constantFrom(...(Object.keys(UNITS) as (keyof typeof UNITS)[])),
});

describe("a size", () => {
  test("is the same as the whole units that Postgres makes of it, and not as one more", () => {
    fc.assert(
      fc.property(size, ({ number, written, unit }) => {
        const exact = (number * SIZES[written]) / UNITS[unit];
        fc.pre(exact <= 2 ** 31 && exact % 1 !== 0.5);
        const live = (setting: number) => ({ setting: String(setting), unit, vartype: "integer" });
        expect(isSameSetting(`${number}${written}`, live(Math.round(exact)))).toBe(true);
        expect(isSameSetting(`${number} ${written}`, live(Math.round(exact)))).toBe(true);
        expect(isSameSetting(`${number}${written}`, live(Math.round(exact) + 1))).toBe(false);
      }),
    );
  });

  test("as it is shown is the same again", () => {
    fc.assert(
      fc.property(fc.integer({ min: -1, max: 2 ** 31 - 1 }), size, (setting, { unit }) => {
        const live = { setting: String(setting), unit, vartype: "integer" };
        expect(isSameSetting(showSetting(live), live)).toBe(true);
      }),
    );
  });
});

// Each as `set_config` and pg_settings of Postgres 15 have it.
test.each([
  ["64MB", "64", "MB", "integer", true],
  ["64", "64", "MB", "integer", true],
  ["64MB", "8192", "8kB", "integer", true],
  ["64MB", "65536", "kB", "integer", true],
  ["65MB", "64", "MB", "integer", false],
  ["64mb", "64", "MB", "integer", false],
  ["1.5GB", "1536", "MB", "integer", true],
  ["30.1GB", "31561728", "kB", "integer", true],
  ["100kB", "12", "8kB", "integer", true],
  ["-1", "-1", "MB", "integer", true],
  ["0", "0", "MB", "integer", true],
  ["0", "1", "MB", "integer", false],
  ["-1", "1", "MB", "integer", false],
  ["5min", "300", "s", "integer", true],
  ["1min", "60000", "ms", "integer", true],
  ["1d", "1440", "min", "integer", true],
  ["100", "100", null, "integer", true],
  ["1e2", "100", null, "integer", true],
  ["many", "100", null, "integer", false],
  ["1.10", "1.1", null, "real", true],
  [".9", "0.9", null, "real", true],
  ["16448.1483", "16448.1", null, "real", true],
  ["0.5ms", "0.5", "ms", "real", true],
  ["500us", "0.5", "ms", "real", true],
  ["on", "on", null, "bool", true],
  ["TRUE", "on", null, "bool", true],
  ["1", "on", null, "bool", true],
  ["no", "off", null, "bool", true],
  ["off", "on", null, "bool", false],
  ["Replica", "replica", null, "enum", true],
  ["true", "on", null, "enum", true],
  ["logical", "replica", null, "enum", false],
  ["pg_stat_statements", "pg_stat_statements", null, "string", true],
  ["Pg_stat_statements", "pg_stat_statements", null, "string", false],
])("%s against %s %s (%s): %s", (written, setting, unit, vartype, same) => {
  expect(isSameSetting(written, { setting, unit, vartype })).toBe(same);
});

test.each([
  ["32768", "8kB", "256MB"],
  ["10240", "MB", "10GB"],
  ["1500", "MB", "1500MB"],
  ["300", "s", "5min"],
  ["60000", "ms", "1min"],
  ["86400", "s", "1d"],
  ["-1", "MB", "-1"],
  ["0", "ms", "0"],
  ["0.5", "ms", "500us"],
  ["replica", null, "replica"],
])("%s %s is shown as %s", (setting, unit, shown) => {
  expect(showSetting({ setting, unit, vartype: "integer" })).toBe(shown);
});
