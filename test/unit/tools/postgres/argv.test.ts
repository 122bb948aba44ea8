import { expect, test } from "vitest";
import {
  libpqEnv,
  pgDump,
  pgDumpGlobals,
  pgDumpTable,
  pgRestore,
} from "../../../../src/tools/postgres/argv.ts";
import { newestMajor } from "../../../../src/tools/postgres/programs.ts";

const programs = { major: 17, path: (name: string) => `/bin/${name}` };
const access = { host: "db", port: 5432, user: "app", password: "canary" };
const how = {
  file: "/s/a b.pgdump",
  jobs: 4,
  tablespaces: true,
  list: null,
  singleTransaction: false,
  goOn: false,
};

test("a password is in the environment only", () => {
  const tools = [
    pgDump(programs, access, "d", "1"),
    pgDumpTable(programs, access, "d", "t"),
    pgDumpGlobals(programs, access, "d"),
    pgRestore(programs, access, "d", how),
  ];
  for (const { argv, env } of tools) {
    expect(argv.join(" ")).not.toContain("canary");
    expect(env["PGPASSWORD"]).toBe("canary");
  }
  expect(libpqEnv({ ...access, password: null }, "d")).not.toHaveProperty("PGPASSWORD");
});

test("a database's name is never taken for a connection string", () => {
  const name = "host=evil dbname='x\\";
  expect(pgDump(programs, access, name, "1").argv.join(" ")).not.toContain("evil");
  expect(pgRestore(programs, access, name, how).argv).toContain(
    "--dbname=dbname='host=evil dbname=\\'x\\\\'",
  );
});

test("several jobs need a file and no single transaction", () => {
  expect(pgRestore(programs, access, "d", how).argv).toContain("--jobs=4");
  expect(pgRestore(programs, access, "d", { ...how, file: null }).argv.join(" ")).not.toContain("--jobs");
  expect(pgRestore(programs, access, "d", { ...how, singleTransaction: true }).argv.join(" ")).not.toContain(
    "--jobs",
  );
});

test("the newest major with programs is taken", () => {
  expect(newestMajor(["9.6", "15", "17", "18"], (name) => name !== "18")).toBe(17);
  expect(newestMajor(["common"], () => true)).toBeNull();
});
