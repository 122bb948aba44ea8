import fc from "fast-check";
import { expect, test } from "vitest";
import { quoteIdentifier, quoteLiteral, sqlStatements } from "../../../../src/tools/postgres/sql-tokens.ts";

const texts = (script: string) => sqlStatements(script).map(({ text }) => text);

test("cuts a script at semicolons that are none of a string's, a name's or a comment's", () => {
  expect(
    texts(`-- one; comment
SELECT 'a;''b', E'c\\';d', "e;""f" /* ; /* nested; */ ; */ ;
\\restrict abc;def
DO $x$ BEGIN; $$;$$ END $x$; SELECT $1; SELECT a$b;`),
  ).toEqual([`SELECT 'a;''b', E'c\\';d', "e;""f"`, "DO $x$ BEGIN; $$;$$ END $x$", "SELECT $1", "SELECT a$b"]);
});

test("folds words, unquotes names, and says where they stand", () => {
  const [statement] = sqlStatements(`ALTER Role "A ""b""" SET x TO 'y'`);
  expect(statement?.tokens.map(({ kind, value }) => [kind, value])).toEqual([
    ["word", "alter"],
    ["word", "role"],
    ["quoted", 'A "b"'],
    ["word", "set"],
    ["word", "x"],
    ["word", "to"],
    ["string", "'y'"],
  ]);
  const name = statement?.tokens[2];
  expect(statement?.text.slice(name?.start, name?.end)).toBe('"A ""b"""');
});

test("an unfinished script ends where it ends", () => {
  expect(texts("SELECT 1; SELECT $x$ open")).toEqual(["SELECT 1", "SELECT $x$ open"]);
  expect(texts("SELECT 1 /* open")).toEqual(["SELECT 1"]);
});

test("whatever is quoted is one token, and comes back", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", minLength: 1 }), (text) => {
      const statements = sqlStatements(`COMMENT ON ROLE ${quoteIdentifier(text)} IS ${quoteLiteral(text)};`);
      expect(statements).toHaveLength(1);
      expect(statements[0]?.tokens).toHaveLength(6);
      expect(statements[0]?.tokens[3]?.value).toBe(text);
    }),
  );
});
