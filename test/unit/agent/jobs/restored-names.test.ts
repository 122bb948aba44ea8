import fc from "fast-check";
import { expect, it } from "vitest";
import { keptName, restoredName, stampOf } from "../../../../src/agent/jobs/restored-names.ts";

const STAMP = stampOf(new Date("2026-11-21T02:15:00.900Z"));

it("says what a database is and of when", () => {
  expect(restoredName("teamyap", STAMP, [])).toBe("teamyap_restored_20261121021500");
  expect(keptName("teamyap", STAMP, [])).toBe("teamyap_before_20261121021500");
});

it("never takes a name that is there", () => {
  const first = restoredName("teamyap", STAMP, []);
  expect(restoredName("teamyap", STAMP, [first])).toBe(`${first}_2`);
});

it("fits PostgreSQL's 63 bytes, ends with the stamp and is whole text, for any name", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", minLength: 1, maxLength: 63 }), (name) => {
      for (const made of [restoredName(name, STAMP, []), keptName(name, STAMP, [])]) {
        expect(Buffer.byteLength(made)).toBeLessThanOrEqual(63);
        expect(made.endsWith(STAMP)).toBe(true);
        expect(made).toBe(Buffer.from(made).toString());
      }
    }),
  );
});

it("tells two long names apart that begin alike", () => {
  const long = "x".repeat(60);
  expect(restoredName(`${long}a`, STAMP, [])).not.toBe(restoredName(`${long}b`, STAMP, []));
});
