import { expect, test } from "vitest";
import { redactLine, redactText } from "../../../src/policy/redact.ts";

/** The last line of a text, as it would be shown. */
function last(text: string): string {
  const lines = text.split("\n");
  return redactLine(lines, lines.length, []).text;
}

test.each([
  ["    password: hunter2 # why", "    password: [REDACTED]"],
  ["    password: hun,ter2", "    password: [REDACTED]"],
  ["  - password: 'hunter2'", "  - password: [REDACTED]"],
  ["    AWS_SECRET_ACCESS_KEY: hunter2", "    AWS_SECRET_ACCESS_KEY: [REDACTED]"],
  ["    passwrod: hunter2", "    passwrod: [REDACTED]"],
  ["a: { user: x, password: hunter2, b: 1 }", "a: { user: x, password: [REDACTED], b: 1 }"],
  ['a: { password: "a, b}", b: 1 }', "a: { password: [REDACTED], b: 1 }"],
  ["password: |\n  hunter2", "  [REDACTED]"],
  ["password:\n  hunter2", "  [REDACTED]"],
  ["password: first\n  hunter2", "  [REDACTED]"],
  ["password:\n  value:\n    deep: hunter2", "    [REDACTED]"],
  ["restic: rest:https://me:hunter2@host/", "restic: rest:https://me:[REDACTED]@host/"],
  ["dsn: host=x password=hunter2 user=y", "dsn: host=x password=[REDACTED] user=y"],
  ["    password: { secret: NAME }", "    password: { secret: NAME }"],
  ["password:\n  secret: NAME", "  secret: NAME"],
  ["a: { password: { secret: NAME }, b: 1 }", "a: { password: { secret: NAME }, b: 1 }"],
  ["password: { secret: NAME }\nhost: h", "host: h"],
  ["databases:\n  monkey: { engine: x }", "  monkey: { engine: x }"],
])("%j is shown as %j", (text, shown) => {
  expect(last(text)).toBe(shown);
});

test.each([
  ["    password:] hunter2", "    password[REDACTED]"],
  ["  x] { AWS_SECRET_KEY hunter2 }", "  x] { AWS_SECRET_KEY[REDACTED]"],
  ["  x: { password: { secret: NAME } ] }", "  x: { password: { secret: NAME } ] }"],
])("%j, in a file that is no YAML, is shown as %j", (line, shown) => {
  expect(redactLine([line], 1, null).text).toBe(shown);
});

test("columns after a mask move with it", () => {
  const line = "{ password: hunter2, foo: 1 }";
  const { text, columnOf } = redactLine([line], 1, []);
  const at = columnOf(line.indexOf("foo") + 1) - 1;
  expect(text.slice(at, at + 3)).toBe("foo");
});

test("text in a message", () => {
  expect(redactText("ftp://me:hunter2@host")).toBe("ftp://me:[REDACTED]@host");
});
