import { expect, test } from "vitest";
import { noRoomForCopy } from "../../../../../src/agent/engines/postgres/archive.ts";

const GB = 2 ** 30;

test("a dump that is not copied says what is free, what is a reserve, and that it is no failure", () => {
  const short = noRoomForCopy("app", { free: GB, total: 400 * GB });
  expect(short).toContain("(1 GB are free, and 2 GB are kept as a reserve)");
  expect(short).toContain("it is restored as it comes, which is slower and does no harm");
});

test("a disk that has more free than the reserve is not called short", () => {
  const text = noRoomForCopy("app", { free: 12 * GB, total: 400 * GB });
  expect(text).not.toContain("reserve");
  expect(text).toContain("(it does not fit, or would take the restored database's room)");
});
