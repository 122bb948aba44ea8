import { expect, test } from "vitest";
import { pathInSnapshot } from "../../../../src/agent/jobs/path-in-snapshot.ts";

const STORAGE = { label: "storage", path: "/backup/uploads/storage" };
const gems = (...paths: string[]) => ({ paths, target: null });

test("ours have a path where it is now", () => {
  expect(pathInSnapshot({ paths: ["/elsewhere"], target: "uploads" }, STORAGE, 1)).toBe(STORAGE.path);
  expect(pathInSnapshot(gems("/data/a", STORAGE.path), STORAGE, 2)).toBe(STORAGE.path);
});

test("the gem's is the one of that name, or the only one", () => {
  expect(pathInSnapshot(gems("/data/exports", "/data/storage"), STORAGE, 2)).toBe("/data/storage");
  const labelled = { label: "data-exports", path: "/backup/uploads/data-exports" };
  expect(pathInSnapshot(gems("/data/exports", "/data/storage"), labelled, 2)).toBe("/data/exports");
  expect(pathInSnapshot(gems("/data/uploads"), STORAGE, 1)).toBe("/data/uploads");
});

test("none that is not certain is taken", () => {
  for (const [snapshot, labels] of [
    [gems("/data/uploads"), 2],
    [gems("/data/uploads", "/data/exports"), 1],
    [gems("/a/storage", "/b/storage"), 1],
    [gems(), 1],
  ] as const)
    expect(() => pathInSnapshot(snapshot, STORAGE, labels)).toThrow("which of the gem's paths is storage?");
});
