import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { PolicyInvalid } from "../../../src/policy/invalid.ts";
import { loadPolicy } from "../../../src/policy/load.ts";
import type { LoadedPolicy } from "../../../src/policy/load.ts";

const complete = readFileSync(new URL("../../../policies/complete.yml", import.meta.url), "utf8");

/** Null for a policy that is refused; what else is thrown passes through. */
function load(policy: string, overlay: string | null = null): LoadedPolicy | PolicyInvalid {
  try {
    return loadPolicy({
      path: "backup-policy.yml",
      destination: "staging",
      readFile: (path) => (path === "backup-policy.yml" ? policy : overlay),
    });
  } catch (error) {
    if (error instanceof PolicyInvalid) return error;
    throw error;
  }
}

const yamlish = fc
  .array(
    fc.constantFrom(
      ..."abz019:-,?[]{}#&*!|>'\"%@`<~ \n\t\\.\u0000\u0085\u2028\ufeff",
      "\n  ",
      "<<: ",
      "- ",
      "*a",
      "&a ",
      "---\n",
      "__proto__: ",
    ),
  )
  .map((parts) => parts.join(""));

test("any text is a policy, or is refused", () => {
  fc.assert(
    fc.property(fc.oneof(yamlish, fc.string({ unit: "binary" })), (text) => void load(text)),
    { numRuns: 500 },
  );
});

test("a valid policy with a part replaced is a policy, or is refused with places that are in the text", () => {
  const cut = fc.tuple(
    fc.nat(complete.length),
    fc.nat(40),
    fc.oneof(yamlish, fc.constantFrom("", "0", "x", "null", "[]", "{}")),
  );
  fc.assert(
    fc.property(cut, ([from, length, put]) => {
      const text = complete.slice(0, from) + put + complete.slice(from + length);
      const result = load(text);
      if (!(result instanceof PolicyInvalid)) return;
      const lines = text.split("\n");
      for (const { line, column, length: width } of result.diagnostics) {
        expect(line).toBeGreaterThanOrEqual(1);
        expect(line).toBeLessThanOrEqual(lines.length);
        expect(column).toBeLessThanOrEqual((lines[line - 1] ?? "").length + 1);
        expect(width).toBeGreaterThanOrEqual(1);
      }
    }),
    { numRuns: 200 },
  );
});

test("any values, merged over a valid policy, are a policy or are refused", () => {
  const key = fc.constantFrom(
    "databases",
    "db",
    "replicas",
    "pg_hba",
    "settings",
    "version",
    "notify",
    "files",
    "constructor",
    "__proto__",
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.constantFrom(null, 0, -1, 1e300, "", "x", true),
      fc.array(tie("tree"), { maxLength: 3 }),
      fc.dictionary(key, tie("tree"), { maxKeys: 4 }),
    ),
  }));
  fc.assert(
    fc.property(tree, (value) => void load(complete, JSON.stringify(value))),
    { numRuns: 200 },
  );
});

test("nesting and size beyond reason are refused at once", () => {
  const texts = ["[", "- ", "{a: ", "? "].map((part) => part.repeat(20_000));
  for (const text of [...texts, `a: ${"x".repeat(1_000_001)}`])
    expect(load(text)).toBeInstanceOf(PolicyInvalid);
});

test("a secret written into a policy is in no output, wherever the policy is broken", () => {
  const text = complete.replaceAll(/\{ secret: \w*(?:PASSWORD|_ACCESS_KEY) \}/g, "canary");
  // A break within the key makes another key of it, and one within the secret another text.
  const places = [...Array(text.length).keys()].filter((at) => {
    const start = text.lastIndexOf("\n", at - 1) + 1;
    const line = text.slice(start).split("\n", 1)[0] ?? "";
    const key = /^ *[\w]+:/.exec(line)?.[0] ?? "";
    return !line.includes("canary") || at === start || at - start === key.length;
  });
  const broken = fc.tuple(
    fc.constantFrom(...places),
    fc.constantFrom("]", "\t", "\n", ": ", "*x ", "x: y: z", "}", "\n  - ", "'", "{", "|", "\n\t"),
  );
  fc.assert(
    fc.property(broken, ([at, put]) => {
      const result = load(text.slice(0, at) + put + text.slice(at));
      expect(result).toBeInstanceOf(PolicyInvalid);
      if (!(result instanceof PolicyInvalid)) return;
      expect(`${result.detail}${JSON.stringify(result.diagnostics)}`).not.toContain("canary");
    }),
    { numRuns: 200 },
  );
});
