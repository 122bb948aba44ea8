import { describe, expect, it } from "vitest";
import { refuseEmpty, refuseShrunk, vanished } from "../../../../src/agent/jobs/refusals.ts";

const subject = (what: string, contents: number, before: number | null) => ({ what, contents, before });

describe("empty", () => {
  it.each([
    ["nothing at all", [], "there is no database"],
    ["one without tables, for the first time", [subject("a", 0, null)], "there are no tables in a"],
    ["two without tables", [subject("a", 0, 0), subject("b", 0, 0)], "there are no tables in a, b"],
    [
      "one that had tables, beside one that has",
      [subject("a", 0, 3), subject("b", 5, 5)],
      "there are no tables in a, and the backup before had some",
    ],
  ])("refuses %s", (_, subjects, what) => {
    expect(refuseEmpty(subjects, "tables")).toEqual({ code: "backup.empty", what });
  });

  it.each([
    ["one with tables", [subject("a", 1, null)]],
    ["one that never had tables, beside one that has", [subject("a", 0, 0), subject("b", 5, 5)]],
    ["a new one without tables, beside one that has", [subject("a", 0, null), subject("b", 5, 5)]],
    ["fewer tables than before", [subject("a", 1, 40)]],
  ])("takes %s", (_, subjects) => {
    expect(refuseEmpty(subjects, "tables")).toBeNull();
  });
});

describe("shrunk", () => {
  it("refuses below half, and not half", () => {
    expect(refuseShrunk("database a", 49, 100)?.code).toBe("backup.shrunk");
    expect(refuseShrunk("database a", 50, 100)).toBeNull();
  });

  it("takes any size without one before, or after an empty one", () => {
    expect(refuseShrunk("database a", 0, null)).toBeNull();
    expect(refuseShrunk("database a", 0, 0)).toBeNull();
  });
});

it("names what vanished, and not what is new", () => {
  expect(vanished("database", ["a", "c"], ["a", "b"])).toEqual([
    "database b was in the backup before and is not there any more",
  ]);
});
