import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openLocal } from "../../../../src/cli/local/open-local.ts";
import { moveAside, unpack } from "../../../../src/cli/local/local-place.ts";
import { writeWhole } from "../../../../src/cli/local/private-file.ts";

const NOW = new Date("2026-01-05T12:34:56.789Z");
const fresh = () => mkdtempSync(join(tmpdir(), "kamal-backup-local-"));

describe("what is in the way", () => {
  test("of nothing, and of an empty directory, is nothing", () => {
    const directory = fresh();
    expect(moveAside(join(directory, "none"), false, NOW)).toBeNull();
    expect(moveAside(directory, false, NOW)).toBeNull();
  });

  test("is a failure without --replace, and renamed with it", () => {
    const path = join(fresh(), "data");
    writeFileSync(path, "mine");
    expect(() => moveAside(path, false, NOW)).toThrow(expect.objectContaining({ code: "local.not-empty" }));
    const aside = moveAside(path, true, NOW) as string;
    expect(aside).toBe(`${path}.before-20260105T123456Z`);
    expect([existsSync(path), readFileSync(aside, "utf8")]).toEqual([false, "mine"]);
  });
});

describe("a file that is written whole", () => {
  test("is private, and complete or not there", async () => {
    const directory = fresh();
    const path = join(directory, "dump");
    await writeWhole(path, async (write) => {
      write(Buffer.from("one"));
      expect(existsSync(path)).toBe(false);
      write(Buffer.from("two"));
      return true;
    });
    expect([readFileSync(path, "utf8"), statSync(path).mode & 0o777]).toEqual(["onetwo", 0o600]);
    await writeWhole(join(directory, "other"), async (write) => {
      write(Buffer.from("half"));
      return false;
    });
    expect(readdirSync(directory)).toEqual(["dump"]);
  });

  test("in a directory that is not there is a failure", async () => {
    await expect(writeWhole("/nowhere/dump", async () => true)).rejects.toMatchObject({
      code: "files.unwritable",
    });
  });
});

test("an archive of an agent's files has a directory for each label; another keeps its paths", async () => {
  const source = fresh();
  mkdirSync(join(source, "backup/storage/uploads"), { recursive: true });
  writeFileSync(join(source, "backup/storage/uploads/a"), "1");
  const archive = join(fresh(), "files.tar");
  execFileSync("tar", ["-c", "-f", archive, "-C", source, "backup"]);
  const into = fresh();
  const { signal } = new AbortController();
  await unpack(archive, join(into, "ours"), "storage", signal);
  await unpack(archive, join(into, "theirs"), "other", signal);
  expect(readFileSync(join(into, "ours/uploads/a"), "utf8")).toBe("1");
  expect(readFileSync(join(into, "theirs/backup/storage/uploads/a"), "utf8")).toBe("1");
  expect(readdirSync(into).sort()).toEqual(["ours", "theirs"]);
});

test.each([
  ["postgres://me:secret@localhost:5433/app%20one?sslmode=disable", "postgres", "app one"],
  ["postgresql:///app", "postgres", "app"],
  ["mysql2://root@[::1]/shop", "mariadb", "shop"],
])("%s names a %s database", (url, engine, name) => {
  expect(openLocal(url, engine).name).toBe(name);
});

test.each(["postgres://u:hunter2@localhost", "mysql://u:hunter2@localhost/app", "hunter2", "/hunter2/app"])(
  "%s is no URL of a Postgres database, and is not shown",
  (url) => {
    const said = (() => {
      try {
        openLocal(url, "postgres");
      } catch (error) {
        return error as Error;
      }
      return undefined;
    })();
    expect(said).toMatchObject({ code: "cli.usage" });
    expect(JSON.stringify([said?.message, said])).not.toContain("hunter2");
  },
);
