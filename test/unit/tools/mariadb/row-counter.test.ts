import fc from "fast-check";
import { expect, test } from "vitest";
import { RowCounter } from "../../../../src/tools/mariadb/row-counter.ts";
import { dumpText, pieces, table } from "./dump-text.ts";

function count(text: string, size = 65_536): RowCounter {
  const counter = new RowCounter();
  for (const piece of pieces(text, size)) counter.add(piece);
  return counter;
}

test("counts every row of every table, however the dump is written and cut", () => {
  const tables = fc.uniqueArray(table, { selector: ({ name }) => name, maxLength: 4 });
  fc.assert(
    fc.property(
      tables,
      fc.constantFrom("lines" as const, "one line" as const),
      fc.boolean(),
      fc.integer({ min: 1, max: 90 }),
      (all, style, named, size) => {
        const counter = count(dumpText(all, style, named), size);
        expect(Object.fromEntries(counter.rows())).toEqual(
          Object.fromEntries(all.map(({ name, rows }) => [name, rows.length])),
        );
        expect(counter.complete()).toBe(true);
      },
    ),
    { numRuns: 300 },
  );
});

test("several statements of one table add up", () => {
  const text = "CREATE TABLE `t` (\n);\nINSERT INTO `t` VALUES\n(1),\n(2);\nINSERT INTO `t` VALUES\n(3);\n";
  expect(Object.fromEntries(count(text).rows())).toEqual({ t: 3 });
});

test("rows with their history name some columns outside backticks", () => {
  const text = "INSERT INTO `t` (`id`, row_start, row_end) VALUES (1,'a','b'),\n(2,'(','b');\n";
  expect(Object.fromEntries(count(text).rows())).toEqual({ t: 2 });
});

test("a dump that is cut off is not complete", () => {
  const text = dumpText([{ name: "t", columns: ["a"], rows: [["1"]] }], "lines", false);
  expect(count(text).complete()).toBe(true);
  for (const end of [text.length - 1, text.length - 10, 20, 0])
    expect(count(text.slice(0, end), 7).complete()).toBe(false);
  expect(count(`${text}ERROR\n`).complete()).toBe(false);
});
