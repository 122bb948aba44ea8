import { expect, it } from "vitest";
import { dumpFilename, newRunTag } from "../../../../src/agent/jobs/run-tags.ts";

const NOW = new Date("2026-11-21T02:15:00.900Z");

it("tags a run with the second that it starts in", () => {
  expect(newRunTag(NOW, [])).toBe("2026-11-21T02:15:00Z");
});

it("never tags two runs alike, even where the clock stands still", () => {
  expect(newRunTag(NOW, ["2026-11-21T02:15:00Z", "2026-11-21T02:15:01Z"])).toBe("2026-11-21T02:15:02Z");
});

it.each([
  ["teamyap_production", "teamyap_production.pgdump"],
  ["team yap/é,%", "team%20yap%2F%C3%A9%2C%25.pgdump"],
  ["..", "...pgdump"],
])("a dump of %s is in %s", (database, filename) => {
  expect(dumpFilename(database, "pgdump")).toBe(filename);
});
