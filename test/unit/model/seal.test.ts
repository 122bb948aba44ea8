import { expect, test } from "vitest";
import { isSealed, sealed } from "../../../src/model/seal.ts";

const SCRIPT = "#!/bin/sh\nset -eu\nexec true\n";

test("a seal is a comment, and the shebang stays first", () => {
  expect(sealed(SCRIPT)).toMatch(/^#!\/bin\/sh\n# kamal-backup: sealed=[0-9a-f]{12}\nset -eu\nexec true\n$/);
});

test.each([
  ["as written", sealed(SCRIPT), true],
  ["with a line edited", sealed(SCRIPT).replace("true", "false"), false],
  ["with a line more", `${sealed(SCRIPT)}true\n`, false],
  ["with another seal", sealed(SCRIPT).replace(/sealed=\w/, "sealed=x"), false],
  ["without a seal", SCRIPT, false],
])("a script %s", (_what, text, is) => {
  expect(isSealed(text)).toBe(is);
});
