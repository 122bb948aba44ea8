import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { normalRule, renderRule } from "../../../src/resources/hba/rule.ts";
import { blockHash, outsideRules, parseHba, renderHba, ruleHash } from "../../../src/resources/hba/block.ts";
import type { HbaFile } from "../../../src/resources/hba/block.ts";

const line = fc.oneof(
  fc.string({ unit: "grapheme" }).map((text) => text.replaceAll(/[\n]/g, " ")),
  fc.constantFrom(
    "",
    "# a comment",
    "local all all trust",
    "host all all 127.0.0.1/32 trust",
    "\thost  all all all md5\r",
  ),
);
const foreign = fc
  .array(line.filter((text) => !/^# (BEGIN|END) kamal-backup/.test(text)))
  .map((lines) => lines.join("\n"));
const block = fc.array(
  fc.constantFrom("host replication a 10.0.0.1/32 scram-sha-256 # x", "host all all samenet reject"),
  {
    minLength: 1,
  },
);

function parsed(text: string): HbaFile {
  const file = parseHba(text);
  if (file === null) throw new Error("the markers are broken");
  return file;
}

describe("the managed block", () => {
  test("put in twice is the same as once", () => {
    fc.assert(
      fc.property(foreign, block, (text, rules) => {
        const once = renderHba(parsed(text), rules);
        expect(renderHba(parsed(once), rules)).toBe(once);
      }),
    );
  });

  test("keeps every foreign line byte for byte and in order, also when it is replaced", () => {
    fc.assert(
      fc.property(foreign, block, block, (text, rules, others) => {
        const file = parsed(renderHba(parsed(renderHba(parsed(text), rules)), others));
        expect([...file.before, ...file.after].join("\n")).toBe(text);
        expect(file.block).toEqual(others);
      }),
    );
  });

  test("taken out leaves the text as it was before", () => {
    fc.assert(
      fc.property(foreign, block, (text, rules) => {
        expect(renderHba(parsed(renderHba(parsed(text), rules)), null)).toBe(text);
      }),
    );
  });

  test("stands before every rule and names what it was written over", () => {
    fc.assert(
      fc.property(foreign, block, (text, rules) => {
        const file = parsed(renderHba(parsed(text), rules));
        expect(file.before.map(normalRule).filter((rule) => rule !== null)).toEqual([]);
        expect(file.stamp).toEqual({ applied: blockHash(rules), outside: outsideRules(file).map(ruleHash) });
      }),
    );
  });

  test.each([
    ["an end without a begin", "# END kamal-backup\n"],
    ["a begin without an end", "# BEGIN kamal-backup applied=00 outside= (x)\nhost all all all md5\n"],
    ["an end before its begin", "# END kamal-backup\n# BEGIN kamal-backup\n"],
    ["two blocks", "# BEGIN kamal-backup\n# END kamal-backup\n# BEGIN kamal-backup\n# END kamal-backup\n"],
  ])("is broken by %s", (_, text) => {
    expect(parseHba(text)).toBeNull();
  });
});

describe("a rule", () => {
  const rule = {
    type: "host",
    database: "all",
    user: "all",
    address: "10.0.0.1/32",
    method: "md5",
    options: {},
    comment: null,
  };
  const rendered = (over: object) =>
    renderRule({ ...rule, ...over } as Parameters<typeof renderRule>[0]).join("");

  // What Postgres 15 parses of each is in pg_hba_file_rules: the name alone, and for lists and keywords what they mean.
  test.each([
    ["all", "all"],
    ["a,b", "a,b"],
    ["+staff", "+staff"],
    ["@roles", "@roles"],
    ["a b", '"a b"'],
    ["a#b", '"a#b"'],
    ['a"b', '"a""b"'],
    ["é", '"é"'],
    ["/^re.*x$", '"/^re.*x$"'],
    ['"all"', '"all"'],
    ["", '""'],
  ])("of the user %j", (user, written) => {
    expect(rendered({ user })).toBe(`host all ${written} 10.0.0.1/32 md5`);
    expect(rendered({ user, type: "local", address: null })).toBe(`local all ${written} md5`);
  });

  test("has a secret user as a part of its own, in quotes", () => {
    const parts = renderRule({ ...rule, type: "host", user: { secret: "NAME" } });
    expect(parts).toEqual(['host all "', { secret: "NAME" }, '" 10.0.0.1/32 md5']);
  });

  test("keeps its comment on one line, which no backslash joins with the next", () => {
    expect(rendered({ comment: "a\tb\n c: \\ \\" })).toBe("host all all 10.0.0.1/32 md5 # a b c:");
  });

  test("is compared without comment and spacing", () => {
    expect(normalRule('  host\tall   "a # b"  all md5 # why\r')).toBe('host all "a # b" all md5');
    expect(normalRule("   # nothing")).toBeNull();
    expect(normalRule("\r")).toBeNull();
  });
});
