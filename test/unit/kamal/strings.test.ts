import { describe, expect, test } from "vitest";
import { accessoryEnv, parseEnvFile } from "../../../src/kamal/accessory.ts";
import { redact } from "../../../src/kamal/redact.ts";
import { encodeEnvValue, shellArgument } from "../../../src/kamal/ruby-strings.ts";
import { Secret } from "../../../src/model/secret.ts";

/** What Kamal 2.12's EnvFile wrote, and what dash made of its escape_shell_value, for each of these. */
const measured: [value: string, inEnvFile: string, afterShell: string][] = [
  ["a\nb", "a\\nb", "a\\nb"],
  ["a\\b", "a\\\\b", "a\\b"],
  ['q"q', 'q"q', 'q"q'],
  ["'x'", "'x'", "'x'"],
  ['é"\\x', 'é"\\\\x', 'é"\\x'],
  ["#{x}", "#{x}", "\\#{x}"],
  ["#$y #@z #h", "#$y #@z #h", "\\#$y \\#@z #h"],
  ["$HOME `id`", "$HOME `id`", "$HOME `id`"],
  ["\t\u001b\u0001\u007f\r", "\\t\\e\\x01\\x7F\\r", "\\t\\e\\x01\\x7F\\r"],
  ["  lead trail ", "  lead trail ", "  lead trail "],
  ["\\#", "\\#", "\\#"],
  ['\\"', '\\\\"', '\\"'],
  ["😀", "😀", "😀"],
];

test.each(measured)("%j in an env file and after a shell", (value, inEnvFile, afterShell) => {
  expect(encodeEnvValue(value)).toBe(inEnvFile);
  expect(shellArgument(value)).toBe(afterShell);
});

test("an env file as docker reads it", () => {
  expect(parseEnvFile('\uFEFFA=1\n#B=2\n  C= x \r\nD\nE=\nF=a=b "q"\n\n')).toEqual({
    A: "1",
    C: " x ",
    E: "",
    F: 'a=b "q"',
  });
});

test("the environment of a container: clear values win, then KAMAL_HOST, then the env file", () => {
  const accessory = { name: "db", env: { clear: { A: "clear" }, secret: { A: "S", B: "T" } } };
  const secrets = new Map([
    ["S", new Secret("S", "1")],
    ["T", new Secret("T", "x\ny")],
  ]);
  expect(accessoryEnv(accessory, secrets, "10.0.0.1")).toEqual({
    A: "clear",
    B: "x\\ny",
    KAMAL_HOST: "10.0.0.1",
  });
  expect(() => accessoryEnv(accessory, new Map(), "h")).toThrow(
    expect.objectContaining({ code: "secrets.undefined" }),
  );
});

describe("redact", () => {
  const key = "-----BEGIN KEY-----\nMIIabcdefgh+/=\n-----END KEY-----\n";
  const secrets = [
    new Secret("A", 'p"w\\d$1'),
    new Secret("KEY", key),
    new Secret("SHORT", "app"),
    new Secret("PART", "MIIabc"),
  ];
  test.each([
    ['password p"w\\d$1.', "password [REDACTED]."],
    ['env p"w\\\\d$1', "env [REDACTED]"],
    ['ruby "p\\"w\\\\d$1"', 'ruby "[REDACTED]"'],
    [`url p%22w%5Cd%241@host`, "url [REDACTED]@host"],
    [`key ${key}end`, "key [REDACTED]end"],
    [`dumped ${JSON.stringify(key)}`, 'dumped "[REDACTED]"'],
    ["a line of it: MIIabcdefgh+/=!", "a line of it: [REDACTED]!"],
    ["MIIabc", "[REDACTED]"],
    ["the app", "the app"],
  ])("%j", (text, clean) => expect(redact(text, secrets)).toBe(clean));
});
