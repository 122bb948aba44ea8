import { expect, test } from "vitest";
import { metaArgument, psqlArgv, setVariables, terminated } from "../../../src/hosts/psql.ts";

test.each([
  ["plain", "'plain'"],
  ["it's", "'it''s'"],
  ["back\\slash", "'back\\\\slash'"],
  ["two\nlines\r", "'two\\nlines\\r'"],
  [':var `cmd` "q"', "':var `cmd` \"q\"'"],
  ["", "''"],
])("%j as an argument of a meta-command", (value, quoted) => {
  expect(metaArgument(value)).toBe(quoted);
});

test("a name that could end the command is a bug", () => {
  expect(() => setVariables({ "a b": "x" })).toThrow(expect.objectContaining({ code: "internal.bug" }));
});

test.each(["select 1", "select 1;", "select 1 ;;\n", "select 1; -- why"])("%j is sent once", (statement) => {
  const sent = terminated(statement);
  expect(sent.match(/;\n$/)).not.toBeNull();
  expect(sent).not.toMatch(/;\s*;/);
});

test("the command on the host reads only and holds its time-outs, and no path of a database's owner", () => {
  const argv = psqlArgv("db", { statementTimeoutSeconds: 7, readOnly: true, stopOnError: false });
  expect(argv.slice(0, 4)).toEqual(["docker", "exec", "-i", "-e"]);
  expect(argv[4]).toMatch(/^PGOPTIONS=-c search_path= -c statement_timeout=7s /);
  expect(argv[4]).toContain("-c default_transaction_read_only=on");
  expect(argv).not.toContain("ON_ERROR_STOP=1");
});
