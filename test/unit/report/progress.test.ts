import { expect, test } from "vitest";
import { stepLine } from "../../../src/report/progress.ts";
import { painter } from "../../../src/report/style.ts";

const plain = painter(false);

test.each([
  [3, 12, 4.4, "kamal accessory reboot db", "[ 3/12] 4 s  container:db: kamal accessory reboot db"],
  [12, 12, 185, "psql: BEGIN;\nCOMMIT;", "[12/12] 3 min 5 s  container:db: psql: BEGIN; ..."],
])("step %i of %i", (number, of, seconds, step, line) => {
  expect(stepLine(number, of, seconds, "container:db", step, plain)).toBe(line);
});
