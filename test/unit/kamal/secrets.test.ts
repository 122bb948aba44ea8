import { expect, test } from "vitest";
import type { Failure } from "../../../src/errors.ts";
import { dotenvEntries } from "../../../src/kamal/dotenv.ts";
import { parseSecrets } from "../../../src/kamal/secrets.ts";

const file = `# comment=1
KAMAL_REGISTRY_PASSWORD=$KAMAL_REGISTRY_PASSWORD
export POSTGRES_PASSWORD="multi
line==
B=3"  # tail
KEY='-----BEGIN
$(no)
-----END'
EMPTY=$(false)
BLANK=
D=$(op read "op://x/y")
E: yaml style
D=again
ESCAPED=\\$(no)
`;
const files = [{ path: ".kamal/secrets", entries: dotenvEntries(file) }];
const printed = "REG=x".replace("REG", "KAMAL_REGISTRY_PASSWORD");
const output = `${printed}\nPOSTGRES_PASSWORD=multi\nline==\nB=3\nKEY=-----BEGIN\n$(no)\n-----END\nEMPTY=\nBLANK=\nD=p;q\nE=yaml style\nESCAPED=$(no)\n`;

test("names of a dotenv file in Kamal's order, and which are made by a command", () => {
  expect(dotenvEntries(file).map(({ name, command }) => `${name}${command ? "*" : ""}`)).toEqual([
    "KAMAL_REGISTRY_PASSWORD",
    "POSTGRES_PASSWORD",
    "KEY",
    "EMPTY*",
    "BLANK",
    "D",
    "E",
    "ESCAPED",
  ]);
});

test("values over several lines, an empty one, and none for a command that printed nothing", () => {
  const secrets = parseSecrets(`a program that talks\n${output}`, files);
  expect([...secrets].map(([name, secret]) => [name, secret.reveal()])).toEqual([
    ["KAMAL_REGISTRY_PASSWORD", "x"],
    ["POSTGRES_PASSWORD", "multi\nline==\nB=3"],
    ["KEY", "-----BEGIN\n$(no)\n-----END"],
    ["BLANK", ""],
    ["D", "p;q"],
    ["E", "yaml style"],
    ["ESCAPED", "$(no)"],
  ]);
});

test.each([
  ["a value holds a line like a name", output.replace("line==", "D=1"), /a line that starts with "D="/],
  ["a program is not installed, so Kamal skips the file", "", /not installed/],
  ["one is not printed", output.replace("BLANK=\n", ""), /does not print BLANK/],
])("%s", (_, text, message) => {
  expect(() => parseSecrets(text, files)).toThrow(
    expect.objectContaining({ code: "secrets.unreadable", message: expect.stringMatching(message) }),
  );
  try {
    parseSecrets(text, files);
  } catch (error) {
    expect(JSON.stringify(error) + String(error) + (error as Failure).todo).not.toMatch(/multi|BEGIN|p;q/);
  }
});
