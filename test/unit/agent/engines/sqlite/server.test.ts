import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { serverOf } from "../../../../../src/agent/engines/sqlite/server.ts";
import { aStateDirectory } from "../../a-state-directory.ts";
import { anAgent } from "../../an-agent.ts";

test("neighbours of any name are listed, the live file by its own name", async () => {
  const directory = aStateDirectory();
  for (const name of ["a%20b.sqlite3", "100%.sqlite3", "a%2Fc.sqlite3", "other.db"])
    writeFileSync(join(directory, name), "");
  const server = serverOf(join(directory, "a%20b.sqlite3"), "3", anAgent());
  expect(await server.databases()).toEqual(["100%", "a%20b", "a/c"]);
});
