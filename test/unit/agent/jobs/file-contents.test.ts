import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { pathState } from "../../../../src/agent/jobs/file-contents.ts";

const directory = mkdtempSync(join(tmpdir(), "file-contents-"));
afterAll(() => rmSync(directory, { recursive: true }));

mkdirSync(join(directory, "empty/deeper"), { recursive: true });
mkdirSync(join(directory, "full/deeper/still"), { recursive: true });
writeFileSync(join(directory, "full/deeper/still/a file"), "");
symlinkSync(join(directory, "full"), join(directory, "link"));

it.each([
  ["absent", "missing"],
  ["empty", "empty"],
  ["full", "files"],
  ["full/deeper/still/a file", "files"],
  ["full/deeper/still/a file/below", "missing"],
  ["link", "missing"],
])("%s: %s", async (path, state) => {
  expect(await pathState(join(directory, path))).toBe(state);
});
