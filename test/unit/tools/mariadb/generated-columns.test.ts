import fc from "fast-check";
import { expect, test } from "vitest";
import { GeneratedColumns } from "../../../../src/tools/mariadb/generated-columns.ts";
import { dumpText, pieces, table } from "./dump-text.ts";

function pass(text: string, size: number, generated: ReadonlyMap<string, ReadonlySet<string>>): string {
  const rewriting = new GeneratedColumns(generated);
  return Buffer.concat(pieces(text, size).map((piece) => rewriting.pass(piece))).toString();
}

test("the values of generated columns are DEFAULT, and every other byte stays", () => {
  const tables = fc.uniqueArray(table, { selector: ({ name }) => name, maxLength: 4 });
  fc.assert(
    fc.property(
      tables,
      fc.constantFrom("lines" as const, "one line" as const),
      fc.constantFrom<number[]>([0], [1], [0, 1]),
      fc.integer({ min: 1, max: 90 }),
      (all, style, which, size) => {
        const [first, ...others] = all;
        if (first === undefined) return;
        const names = new Set(which.map((at) => first.columns[at] ?? ""));
        const rows = first.rows.map((row) =>
          row.map((value, at) => (which.includes(at) ? "DEFAULT" : value)),
        );
        expect(pass(dumpText(all, style, true), size, new Map([[first.name, names]]))).toBe(
          dumpText([{ ...first, rows }, ...others], style, true),
        );
      },
    ),
    { numRuns: 300 },
  );
});
