import { expect, test } from "vitest";
import { readContents } from "../../../../../src/agent/engines/postgres/contents.ts";
import { readGlobals } from "../../../../../src/agent/engines/postgres/globals.ts";
import { plainPreamble } from "../../../../../src/agent/engines/postgres/plain-preamble.ts";

const GLOBALS = `\\restrict abc
SET default_transaction_read_only = off;
CREATE ROLE "Al ice";
ALTER ROLE "Al ice" WITH NOLOGIN PASSWORD 'SCRAM-SHA-256$4096:x;y';
COMMENT ON ROLE "Al ice" IS E'it''s
a \\\\ line; $role$';
CREATE ROLE bob;
ALTER ROLE bob IN DATABASE "my app" SET work_mem TO '1MB';
ALTER ROLE bob SET statement_timeout TO '5s';
GRANT bob TO "Al ice" WITH ADMIN OPTION GRANTED BY postgres;
GRANT SET ON PARAMETER work_mem TO bob;
CREATE TABLESPACE fast OWNER bob LOCATION '/fast';
GRANT ALL ON TABLESPACE fast TO bob;
`;

test("sorts statements by what they are about", () => {
  const { roles, memberships, parameterGrants, tablespaces } = readGlobals(GLOBALS);
  expect(roles.map(({ name, statements }) => [name, statements.length])).toEqual([
    ["Al ice", 3],
    ["bob", 2],
  ]);
  expect(memberships).toEqual([
    {
      role: "bob",
      member: "Al ice",
      sql: 'GRANT bob TO "Al ice" WITH ADMIN OPTION GRANTED BY postgres',
      withoutGrantor: 'GRANT bob TO "Al ice" WITH ADMIN OPTION',
    },
  ]);
  expect(parameterGrants).toEqual([{ role: "bob", sql: "GRANT SET ON PARAMETER work_mem TO bob" }]);
  expect(tablespaces).toEqual(["fast"]);
});

test("a script for a new server makes every role unless it is there, those of the dump too", () => {
  const contents = readContents(
    `ALTER DATABASE old OWNER TO carol; ALTER DATABASE old SET work_mem TO '8MB';`,
  );
  const script = plainPreamble(contents, readGlobals(GLOBALS));
  expect(script).toContain("DO $role1$\nBEGIN\n  IF NOT EXISTS");
  expect(script).toContain('    CREATE ROLE "carol";');
  expect(script).toContain("ALTER DATABASE :\"DBNAME\" SET work_mem TO '8MB';");
  expect(script).not.toContain("GRANTED BY");
  expect(script).not.toContain("/fast");
});
