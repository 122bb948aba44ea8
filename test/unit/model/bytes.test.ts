import { expect, test } from "vitest";
import { showBytes } from "../../../src/model/bytes.ts";

test.each([
  [0, "0 B"],
  [1, "1 B"],
  [1023, "1020 B"],
  [1024, "1 kB"],
  [1536, "1.5 kB"],
  [16 * 1024 ** 2, "16 MB"],
  [10 * 1024 ** 3, "10 GB"],
  [1.234 * 1024 ** 4, "1.23 TB"],
  [5000 * 1024 ** 4, "5000 TB"],
])("%d bytes", (bytes, shown) => {
  expect(showBytes(bytes)).toBe(shown);
});
