import fc from "fast-check";
import { expect, test } from "vitest";
import { parseDocument } from "yaml";
import { applyEdits } from "../../../src/kamal/apply-edits.ts";
import { spliceAccessory } from "../../../src/kamal/splice.ts";
import type { ManifestEdit } from "../../../src/model/topology.ts";
import { diffLines } from "diff";

const word = fc.stringMatching(/^[a-z][a-z0-9]{1,6}$/);
const scalar = fc.oneof(
  word,
  fc.constantFrom(
    "'it''s'",
    '"q # x"',
    "10.0.1.2:5432:5432",
    "5432",
    "true",
    "postgres -c a=b",
    "é",
    '"<%= X %>"',
  ),
);
const noise = fc.constantFrom("", "# a comment", "# cmd: <%= old %>", "#", "# - x: [");

/** Lines of one key of an accessory, at column 4. */
const entry = fc.oneof(
  fc
    .tuple(fc.constantFrom("image", "host", "cmd", "port", "network"), scalar)
    .map(([key, value]) => [`${key}: ${value}`]),
  fc
    .tuple(fc.constantFrom("volumes", "files"), fc.array(word, { minLength: 1, maxLength: 3 }), fc.boolean())
    .map(([key, items, flow]) =>
      flow ? [`${key}: [${items.join(", ")}]`] : [`${key}:`, ...items.map((item) => `  - ${item}`)],
    ),
  fc
    .uniqueArray(word, { minLength: 1, maxLength: 3 })
    .map((names) => ["labels:", ...names.map((name) => `  ${name}: x # ${name}`)]),
  fc
    .array(word, { minLength: 1, maxLength: 3 })
    .map((names) => ["env:", "  secret:", ...names.map((name) => `    - ${name}`)]),
  fc.constant(["cmd: >-", "  postgres", "  -c a=b"]),
);

/** An accessory's lines without ERB in them, with comments and blank lines between. */
const block = (name: string, anchored: boolean) =>
  fc
    .uniqueArray(fc.tuple(entry, noise), {
      minLength: 1,
      maxLength: 5,
      selector: ([lines]) => (lines[0] as string).split(":")[0],
    })
    .map((entries) => [
      `  ${name}:${anchored ? ` &${name}` : ""}`,
      ...entries.flatMap(([lines, comment]) => [
        ...lines.map((line) => `    ${line.replace("<%= X %>", "X")}`),
        ...(comment.includes("<%") ? [] : [comment === "" ? "" : `    ${comment}`]),
      ]),
    ]);

const foreign = fc.constantFrom(
  ["x-defaults: &defaults { a: 1 }"],
  ["<%# nothing %>"],
  ['<% if ENV["X"] %>', "# in a condition", "<% end %>"],
  ["image:   app   # spaced"],
  ["env:", "  clear:", "    A: <%= `date` %>", '    B: "x"'],
  ["servers:", "<% %w[a b].each do |h| -%>", "  - <%= h %>", "<% end -%>"],
  [""],
  ["# a comment with <%= erb %> in it"],
);

const manifest = fc
  .record({
    before: fc.uniqueArray(foreign, { maxLength: 4, selector: (lines) => lines[0] }),
    db: block("db", false),
    other: block("other", true),
    alias: fc.boolean(),
    after: fc.constantFrom(
      [],
      ["", "ssh:", "    user: app # deep"],
      ["builder: { arch: amd64 }"],
      ["# the end"],
    ),
    crlf: fc.boolean(),
    newline: fc.boolean(),
  })
  .map(({ before, db, other, alias, after, crlf, newline }) => {
    const third = alias ? ["  third:", "    <<: *other"] : [];
    const lines = [...before.flat(), "accessories:", ...db, ...other, ...third, ...after];
    const eol = crlf ? "\r\n" : "\n";
    return lines.join(eol) + (newline ? eol : "");
  });

const text = fc.oneof(
  word,
  fc.string({ maxLength: 12 }),
  fc.constantFrom("1_0", "no", "<%= x %>", "a: b", "a #b", "'", "-c x='<%u>'"),
);
const edit: fc.Arbitrary<ManifestEdit> = fc.oneof(
  fc.record({
    path: fc.constantFrom(["cmd"], ["port"], ["labels", "ours"], ["options", "stop-timeout"]),
    value: fc.oneof(text, fc.nat(), fc.boolean()),
  }),
  fc.record({
    path: fc.constantFrom(["files"], ["volumes"], ["env", "secret"]),
    contains: fc.uniqueArray(text, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({
    path: fc.constantFrom(["cmd"], ["labels", "ours"], ["files"]),
    remove: fc.constant(true as const),
  }),
);
const edits = fc.uniqueArray(edit, { minLength: 1, maxLength: 4, selector: (one) => one.path.join(".") });

const path = "config/deploy.yml";

/** The text, or null when it is refused: two edits of a small block may leave nothing of it, for example. */
function spliced(source: string, name: string, wanted: readonly ManifestEdit[]): string | null {
  try {
    return spliceAccessory(source, name, wanted, { path });
  } catch (error) {
    expect(error).toMatchObject({ code: "manifest.refused" });
    return null;
  }
}

test("an edit of a block without ERB is made, again changes nothing, and leaves foreign lines as they are", () => {
  let made = 0;
  let refused = 0;
  fc.assert(
    fc.property(manifest, edits, (source, wanted) => {
      const once = spliced(source, "db", wanted);
      if (once === null) {
        refused += 1;
        return;
      }
      made += 1;
      expect(spliced(once, "db", wanted)).toBe(once);
      const [foreign, own] = apart(source);
      expect(apart(once)[0]).toEqual(foreign);
      const gone = diffLines(own, apart(once)[1]).flatMap((part) =>
        part.removed ? part.value.split("\n") : [],
      );
      expect(gone.filter((line) => /^\s*#/.test(line))).toEqual([]);
      expect(/(?<!\r)\n/.test(once)).toBe(/(?<!\r)\n/.test(source));
    }),
    { numRuns: 120 },
  );
  expect(refused).toBeLessThan(made / 5);
});

test("a new accessory reads back as its edits say, and all other lines stay in their order", () => {
  fc.assert(
    fc.property(manifest, edits, (source, wanted) => {
      const block = applyEdits({}, wanted);
      const once = spliced(source, "fresh", wanted);
      expect(once).not.toBeNull();
      const added = diffLines(lines(source), lines(once as string));
      expect(added.filter((part) => part.removed)).toEqual([]);
      expect(spliced(once as string, "fresh", wanted)).toBe(once);
      if (Object.keys(block).length === 0) return;
      const fresh = added.filter((part) => part.added).map((part) => part.value.replaceAll("<%%", "<%"));
      expect(parseDocument(fresh.join(""), { version: "1.1" }).toJS()).toEqual({ fresh: block });
    }),
    { numRuns: 120 },
  );
});

/** The text without the block of db, and the block. */
function apart(source: string): [string, string] {
  const from = source.search(/^ {2}db:/m);
  const length = source.slice(from).search(/^ {2}other:/m);
  return [source.slice(0, from) + source.slice(from + length), source.slice(from, from + length)];
}

/** With one kind of line ending, at the end of the last line too. */
function lines(source: string): string {
  return source.replaceAll("\r\n", "\n").replace(/\n?$/, "\n");
}
