import { expect, it } from "vitest";
import { choosePaths } from "../../../../src/agent/jobs/choose-path.ts";

const PATHS = { uploads: "/data/uploads", avatars: "/data/avatars/" };

it("means everything where nothing was asked for", () => {
  expect(choosePaths(PATHS, null)).toEqual([
    { label: "uploads", path: "/data/uploads", part: null },
    { label: "avatars", path: "/data/avatars", part: null },
  ]);
});

it.each([
  ["uploads", "uploads", null],
  ["uploads/", "uploads", null],
  ["uploads/2026/a b", "uploads", "2026/a b"],
  ["/data/uploads", "uploads", null],
  ["/data/avatars/x", "avatars", "x"],
  ["/data/avatars/../avatars/x", "avatars", "x"],
  ["uploads/..hidden", "uploads", "..hidden"],
])("%s is of %s: %s", (asked, label, part) => {
  expect(choosePaths(PATHS, asked)).toMatchObject([{ label, part }]);
});

it.each([["/data"], ["/data/uploads2"], ["uploads2"], ["uploads/../../etc"], ["/"], ["nothing"]])(
  "%s is refused",
  (asked) => {
    expect(() => choosePaths(PATHS, asked)).toThrow(
      expect.objectContaining({ code: "restore.no-such-path" }),
    );
  },
);
