import { expect, test } from "vitest";
import { clientArgv, parseServerError } from "../../../../src/tools/mariadb/client.ts";
import { optionFile } from "../../../../src/tools/mariadb/option-file.ts";
import { identifier, literal, parseRows } from "../../../../src/tools/mariadb/sql.ts";

test.each([
  ["ERROR 1045 (28000): Access denied for user 'a'@'localhost' (using password: YES)", "refused", 1045],
  ["ERROR 2002 (HY000): Can't connect to local server through socket '/x' (2)", "unreachable", 2002],
  ["ERROR 2026 (HY000): TLS/SSL error: self-signed certificate in certificate chain", "unreachable", 2026],
  [
    "--------------\nSELECT x\n--------------\n\nERROR 1054 (42S22) at line 1: Unknown column 'x'",
    "failed",
    1054,
  ],
  ['mariadb-dump: Got error: 1045: "Access denied" when trying to connect', "refused", 1045],
  ["mariadb: unknown variable 'x'", "failed", null],
])("%s", (stderr, kind, number) => {
  expect(parseServerError(stderr)).toMatchObject({
    kind,
    number,
    message: stderr
      .split("\n")
      .at(-1)
      ?.replace(/^mariadb-dump: /, ""),
  });
});

test("the login is in the option file only, quoted so that any password is read back as it is", () => {
  const login = { host: "db", port: 3307, user: 'a"b', password: 'p#w \\ "q"\n' };
  const lines = optionFile(login).split("\n");
  expect(lines).toContain('password="p#w \\\\ \\"q\\"\\n"');
  expect(lines).toContain('user="a\\"b"');
  expect(lines).toContain("protocol=tcp");
  expect(optionFile({ ...login, host: "/run/mysqld" })).toContain('socket="/run/mysqld/mysqld.sock"');
  expect(clientArgv("/f.cnf", "-odd")).toEqual([
    "--defaults-file=/f.cnf",
    "--batch",
    "--skip-column-names",
    "--database=-odd",
  ]);
});

test("rows of the client are read as they were", () => {
  expect(parseRows("a\\tb\tc\\\\d\n\te\\nf\n")).toEqual([
    ["a\tb", "c\\d"],
    ["", "e\nf"],
  ]);
  expect(parseRows("")).toEqual([]);
  expect(parseRows("\n")).toEqual([[""]]);
  expect(identifier("a`b")).toBe("`a``b`");
  expect(literal("it's \\")).toBe("'it''s \\\\'");
});
