import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { keptOf } from "../../../src/agent/files/kept.ts";
import { restorePath } from "../../../src/agent/files/restore-path.ts";
import { openRepository } from "../../../src/agent/repository/open.ts";
import type { Repository } from "../../../src/agent/repository/repository.ts";
import { makePlace } from "./repository/support.ts";

const TAGS = [
  "kamal-backup",
  "app:shop",
  "type:files",
  "target:uploads",
  "run:2026-11-21T02:15:00Z",
  "path:storage",
];
const STAMP = "20261121t031500z";

let root: string;
let repository: Repository;
let context: ReturnType<typeof makePlace>["context"];
let snapshotId: string;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "kb-files-"));
  const place = makePlace();
  context = place.context;
  repository = openRepository(place.repository, context);
  await repository.init();
  mkdirSync(join(root, "ab/cd"), { recursive: true });
  write("ab/cd/picture", "picture");
  write("top ü", "top");
  write("only-old", "old");
  mkdirSync(join(root, "empty"));
  symlinkSync("ab/cd/picture", join(root, "link"));
  linkSync(join(root, "top ü"), join(root, "hard"));
  chmodSync(join(root, "ab"), 0o2750);
  chmodSync(join(root, "ab/cd/picture"), 0o604);
  if (process.getuid?.() === 0) chownSync(join(root, "ab/cd/picture"), 1234, 4321);
  snapshotId = (await repository.backupPaths([root], TAGS)).snapshotId;
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text: string): void {
  writeFileSync(join(root, path), text);
}

function read(...path: string[]): string {
  return readFileSync(join(root, ...path), "utf8");
}

/** Everything that a restore must bring back of the tree of `beforeEach`. */
function expectRestored(): void {
  expect(read("ab/cd/picture")).toBe("picture");
  expect(read("top ü")).toBe("top");
  expect(readlinkSync(join(root, "link"))).toBe("ab/cd/picture");
  expect(statSync(join(root, "hard")).ino).toBe(statSync(join(root, "top ü")).ino);
  expect(statSync(join(root, "ab")).mode & 0o7777).toBe(0o2750);
  expect(statSync(join(root, "ab/cd/picture")).mode & 0o7777).toBe(0o604);
  if (process.getuid?.() === 0) expect(statSync(join(root, "ab/cd/picture")).uid).toBe(1234);
  expect(readdirSync(join(root, "empty"))).toEqual([]);
}

function ruin(): void {
  rmSync(join(root, "ab/cd/picture"));
  rmSync(join(root, "link"));
  mkdirSync(join(root, "link/now-a-directory"), { recursive: true });
  write("top ü", "changed");
  write("new", "new");
}

const KEPT = `.kamal-backup-before-${STAMP}`;

test("a directory comes back as it was, and what was there is kept", async () => {
  ruin();
  const { ino } = lstatSync(root);
  const done = await restorePath(repository, { snapshotId, path: root, part: null, stamp: STAMP }, context);
  expect(done).toEqual({ files: 4, bytes: 16, keptAs: join(root, KEPT) });
  expectRestored();
  expect(lstatSync(root).ino).toBe(ino);
  expect(read(KEPT, "top ü")).toBe("changed");
  expect(read(KEPT, "new")).toBe("new");
  expect(existsSync(join(root, KEPT, "link/now-a-directory"))).toBe(true);
  expect(existsSync(join(root, "new"))).toBe(false);
  expect(statSync(join(root, KEPT)).mode & 0o777).toBe(0o700);
  expect(readdirSync(root).sort()).toEqual([KEPT, "ab", "empty", "hard", "link", "only-old", "top ü"]);
  expect(keptOf([root])).toEqual([join(root, KEPT)]);
});

test("one part comes back, with the directories that are missing, and nothing else is touched", async () => {
  ruin();
  rmSync(join(root, "ab"), { recursive: true });
  await restorePath(repository, { snapshotId, path: root, part: "ab/cd/picture", stamp: STAMP }, context);
  expect(read("ab/cd/picture")).toBe("picture");
  expect(statSync(join(root, "ab/cd/picture")).mode & 0o7777).toBe(0o604);
  expect(read("top ü")).toBe("changed");
  expect(keptOf([root])).toEqual([]);

  write("ab/cd/picture", "again");
  await restorePath(repository, { snapshotId, path: root, part: "ab", stamp: STAMP }, context);
  expect(statSync(join(root, "ab")).mode & 0o7777).toBe(0o2750);
  expect(read("ab/cd/picture")).toBe("picture");
  expect(read(KEPT, "ab/cd/picture")).toBe("again");
});

test("a labelled path that is one file comes back", async () => {
  const file = join(root, "top ü");
  const only = (await repository.backupPaths([file], TAGS)).snapshotId;
  write("top ü", "changed");
  await restorePath(repository, { snapshotId: only, path: file, part: null, stamp: STAMP }, context);
  expect(read("top ü")).toBe("top");
  expect(read(KEPT, "top ü")).toBe("changed");
  expect(read("only-old")).toBe("old");
});

test("what earlier restores kept is neither restored nor kept again", async () => {
  await restorePath(repository, { snapshotId, path: root, part: null, stamp: STAMP }, context);
  const again = (await repository.backupPaths([root], TAGS)).snapshotId;
  await restorePath(
    repository,
    { snapshotId: again, path: root, part: null, stamp: "20261122t031500z" },
    context,
  );
  expectRestored();
  expect(readdirSync(join(root, ".kamal-backup-before-20261122t031500z")).sort()).toEqual(
    readdirSync(join(root, KEPT)).sort(),
  );
});

test("a path that the snapshot does not have, or one outside, changes nothing", async () => {
  for (const part of ["nowhere", "../elsewhere", "ab/../../x"]) {
    const restore = { snapshotId, path: root, part, stamp: STAMP };
    await expect(restorePath(repository, restore, context)).rejects.toMatchObject({ code: "restore.failed" });
  }
  expectRestored();
  expect(read("only-old")).toBe("old");
});

test("a restore that brings back less than the snapshot lists changes nothing", async () => {
  ruin();
  const source = {
    list: (id: string) => repository.list(id),
    restoreTo: async (id: string, path: string, directory: string) => {
      await repository.restoreTo(id, path, directory);
      rmSync(join(directory, "only-old"));
    },
  };
  const failure = restorePath(source, { snapshotId, path: root, part: null, stamp: STAMP }, context);
  await expect(failure).rejects.toMatchObject({
    code: "restore.failed",
    message: expect.stringContaining("only-old"),
  });
  expect(read("top ü")).toBe("changed");
  expect(readdirSync(root).filter((name) => name.startsWith(".kamal-backup"))).toEqual([]);
});
