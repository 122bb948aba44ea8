import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findServer } from "../../../../src/tools/mariadb/programs.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "kb-programs-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** A directory of PATH with these programs. */
function place(name: string, ...programs: readonly string[]): string {
  const path = join(directory, name);
  mkdirSync(path);
  for (const program of programs) writeFileSync(join(path, program), "#!/bin/sh\n", { mode: 0o755 });
  return path;
}

test("a dump is tried on its own kind of server where both are installed", () => {
  const path = `${place("one", "mariadbd")}:${place("other", "mysqld")}`;
  expect(findServer("mysql", path)).toEqual({ path: join(directory, "other/mysqld"), isMysql: true });
  expect(findServer("mariadb", path)).toEqual({ path: join(directory, "one/mariadbd"), isMysql: false });
});

test("MariaDB's link mysqld is no MySQL", () => {
  const path = place("one", "mariadbd");
  symlinkSync("mariadbd", join(path, "mysqld"));
  for (const family of ["mysql", "mariadb"] as const)
    expect(findServer(family, path)).toEqual({ path: join(path, "mariadbd"), isMysql: false });
});
