import { expect, test } from "vitest";
import { parseVersion } from "../../../../../src/agent/engines/mysql/client.ts";
import {
  globalsWithout,
  grantsOnAbsent,
  splitGlobals,
  withoutPassword,
} from "../../../../../src/agent/engines/mysql/globals.ts";

test.each([
  ["GRANT USAGE ON *.* TO `a`@`%` IDENTIFIED BY PASSWORD '*AB'", "GRANT USAGE ON *.* TO `a`@`%`"],
  [
    "GRANT ALL PRIVILEGES ON *.* TO `a`@`%` IDENTIFIED BY PASSWORD '*AB' REQUIRE SSL WITH GRANT OPTION",
    "GRANT ALL PRIVILEGES ON *.* TO `a`@`%` REQUIRE SSL WITH GRANT OPTION",
  ],
  [
    "GRANT USAGE ON *.* TO `a`@`l` IDENTIFIED VIA unix_socket OR mysql_native_password USING '*AB'",
    "GRANT USAGE ON *.* TO `a`@`l`",
  ],
  ["GRANT SELECT ON `s`.* TO `a`@`%`", "GRANT SELECT ON `s`.* TO `a`@`%`"],
])("%s", (grant, without) => {
  expect(withoutPassword(grant)).toBe(without);
});

const GLOBALS = `-- users of MariaDB
-- account ["a","%"]
CREATE USER a;
-- account ["b",null]
CREATE ROLE b;
-- grants
-- account ["a","%"]
GRANT a;
-- account ["b",null]
GRANT b;
`;

test("the statements of an account that exists are left out, and no others", () => {
  const left = globalsWithout(GLOBALS, [
    { user: "a", host: "%" },
    { user: "b", host: "%" },
  ]);
  expect(left).not.toMatch(/ a;/);
  expect(left).toContain("CREATE ROLE b;");
  expect(left).toContain("GRANT b;");
});

test("users come apart from grants", () => {
  const { users, grants } = splitGlobals(GLOBALS);
  expect(users).not.toContain("GRANT");
  expect(grants).not.toContain("CREATE");
  expect(users + grants).toBe(GLOBALS);
});

test("a grant on what is not there is told from other errors", () => {
  const stderr =
    "ERROR 1146 (42S02) at line 3: Table 's.t' doesn't exist\nERROR 1064 (42000) at line 4: syntax\n";
  expect(grantsOnAbsent(stderr)).toEqual({
    absent: ["ERROR 1146 (42S02) at line 3: Table 's.t' doesn't exist"],
    others: ["ERROR 1064 (42000) at line 4: syntax"],
  });
});

test("versions of both families", () => {
  expect(parseVersion("10.11.14-MariaDB-0+deb12u2")).toMatchObject({ isMariadb: true, major: 10, minor: 11 });
  expect(parseVersion("8.4.6")).toMatchObject({ isMariadb: false, major: 8, minor: 4 });
});
