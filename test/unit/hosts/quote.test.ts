import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { shellCommand } from "../../../src/hosts/quote.ts";

const argument = fc.string({ unit: "binary" }).filter((text) => !text.includes("\0") && text.isWellFormed());

test("a shell splits the command back into exactly the same arguments", () => {
  const check = (argv: readonly string[]) => {
    const printed = execFileSync("sh", ["-c", shellCommand(["printf", "%s\\0", ...argv])], {
      encoding: "utf8",
    });
    expect(printed.split("\0").slice(0, -1)).toEqual(argv);
  };
  fc.assert(fc.property(fc.array(argument, { minLength: 1, maxLength: 6 }), check), { numRuns: 60 });
  check(["", " ", "'", "''", "\\", "$HOME", "`id`", "a\nb", "~", "*", "#x", "!", "é", "-n", "A=b", "=ls"]);
});

test("a plain command stays readable", () => {
  expect(shellCommand(["docker", "inspect", "teamyap-db"])).toBe("docker inspect teamyap-db");
});
