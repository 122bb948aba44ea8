import pg from "pg";
import { expect, test } from "vitest";
import { serverError } from "../../../../../src/agent/engines/postgres/session.ts";
import { withoutRows } from "../../../../../src/agent/engines/postgres/without-rows.ts";

test("what pg_restore says of rows and statements is left out, up to its next line", () => {
  const said = [
    'pg_restore: error: COPY failed for table "users": ERROR:  null value in column "email" violates not-null constraint',
    "DETAIL:  Failing row contains (1, ann@example.org, two",
    "lines).",
    'CONTEXT:  COPY users, line 1: "1\tann@example.org"',
    "pg_restore: from TOC entry 4024; 1418 16412 USER MAPPING USER MAPPING app SERVER other app",
    "pg_restore: error: could not execute query: ERROR:  server does not exist",
    "Command was: CREATE USER MAPPING FOR app SERVER other OPTIONS (",
    "    password 'hunter2',",
    "    \"user\" 'app'",
    ");",
    "",
    'pg_restore: error: COPY failed for table "t": ERROR:  invalid input syntax for type integer: "ann"',
    'pg_restore: error: COPY failed for table "t": ERROR:  value "70000" is out of range for type smallint',
    "pg_restore: warning: errors ignored on restore: 3",
  ].join("\n");
  expect(withoutRows(said).split("\n")).toEqual([
    'pg_restore: error: COPY failed for table "users": ERROR:  null value in column "email" violates not-null constraint',
    "pg_restore: from TOC entry 4024; 1418 16412 USER MAPPING USER MAPPING app SERVER other app",
    "pg_restore: error: could not execute query: ERROR:  server does not exist",
    'pg_restore: error: COPY failed for table "t": ERROR:  invalid input syntax for type integer',
    'pg_restore: error: COPY failed for table "t": ERROR:  value is out of range for type smallint',
    "pg_restore: warning: errors ignored on restore: 3",
  ]);
});

test.each([
  ["23505", "Key (email)=(ann@example.org) already exists.", null],
  [
    "55006",
    "There are 3 other sessions using the database.",
    "There are 3 other sessions using the database.",
  ],
])("the detail of error %s", (code, detail, shown) => {
  const error = Object.assign(new pg.DatabaseError("no", 0, "error"), { code, detail });
  expect(serverError(error)?.detail).toBe(shown);
});
