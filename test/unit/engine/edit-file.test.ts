import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { editFile, undoEdit } from "../../../src/engine/edit-file.ts";

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "kamal-backup-edit-"));
  path = join(directory, "deploy.yml");
});

test("writes, keeps the mode, and leaves nothing beside the file", async () => {
  writeFileSync(path, "old");
  chmodSync(path, 0o751);
  expect(await editFile(path, "old", "new")).toBe(true);
  expect(readFileSync(path, "utf8")).toBe("new");
  expect(statSync(path).mode & 0o777).toBe(0o751);
  expect(readdirSync(directory)).toEqual(["deploy.yml"]);
});

test("does nothing to a file that is so already", async () => {
  writeFileSync(path, "new");
  expect(await editFile(path, "old", "new")).toBe(false);
});

test("makes a file and the directories above it", async () => {
  const deep = join(directory, "config/kamal-backup/entry.sh");
  expect(await editFile(deep, null, "new")).toBe(true);
  expect(readFileSync(deep, "utf8")).toBe("new");
});

test.each([
  ["somebody edited it", "other", "old"],
  ["somebody made it", "other", null],
])("refuses where %s", async (_name, current, before) => {
  writeFileSync(path, current);
  await expect(editFile(path, before, "new")).rejects.toMatchObject({ code: "files.changed" });
  expect(readFileSync(path, "utf8")).toBe(current);
});

test("refuses where somebody removed it", async () => {
  await expect(editFile(path, "old", "new")).rejects.toMatchObject({ code: "files.changed" });
});

test("writes through a symbolic link", async () => {
  writeFileSync(join(directory, "real.yml"), "old");
  symlinkSync("real.yml", path);
  await editFile(path, "old", "new");
  expect(lstatSync(path).isSymbolicLink()).toBe(true);
  expect(readFileSync(join(directory, "real.yml"), "utf8")).toBe("new");
});

test("undoes an edit and a creation, and neither when somebody has been at it", async () => {
  writeFileSync(path, "new");
  await undoEdit(path, "old", "new");
  expect(readFileSync(path, "utf8")).toBe("old");
  await undoEdit(path, null, "old");
  expect(readdirSync(directory)).toEqual([]);
  writeFileSync(path, "other");
  await expect(undoEdit(path, null, "new")).rejects.toMatchObject({ code: "files.changed" });
  await expect(undoEdit(path, "old", "new")).rejects.toMatchObject({ code: "files.changed" });
});
