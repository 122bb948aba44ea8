import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { keptName } from "../../../../src/agent/files/names.ts";
import { keptIn } from "../../../../src/agent/files/restore-path.ts";
import { aStateDirectory } from "../a-state-directory.ts";

test("a label that is a single file, or is not there, keeps nothing in itself", () => {
  const directory = aStateDirectory();
  const file = join(directory, "settings.yml");
  const kept = join(directory, keptName("20261121t021500z"));
  writeFileSync(file, "");
  mkdirSync(kept);
  expect(keptIn(file)).toEqual([]);
  expect(keptIn(join(directory, "absent"))).toEqual([]);
  expect(keptIn(directory)).toEqual([kept]);
});
