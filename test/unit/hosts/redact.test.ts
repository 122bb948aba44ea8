import { expect, test } from "vitest";
import { redact } from "../../../src/hosts/redact.ts";

test.each([
  ["role app exists", { user: "app" }, "role [user] exists"],
  ["at or near 'a''b'", { password: "a'b" }, "at or near '[password]'"],
  ["abc ab", { short: "ab", long: "abc" }, "[long] [short]"],
  ["a.c abc", { dot: "a.c" }, "[dot] abc"],
  ["nothing", { empty: "" }, "nothing"],
  ["user", { a: "user", b: "a" }, "[a]"],
])("%s with %o", (text, values, shown) => {
  expect(redact(text, values as unknown as Record<string, string>)).toBe(shown);
});
