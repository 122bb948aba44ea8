import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { beginExchange, exchange } from "../../../../src/agent/files/exchange.ts";
import { workplaceIn } from "../../../../src/agent/files/names.ts";

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "kb-exchange-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(directory: string, name: string, text: string): void {
  mkdirSync(dirname(join(directory, name)), { recursive: true });
  writeFileSync(join(directory, name), text);
}

const JOURNAL = { kept: ".kamal-backup-before-x", fresh: ["a", "b/c"], outdated: ["d"] };

test("without a journal there is nothing to do", () => {
  write(root, "a", "old a");
  expect(exchange(root)).toBe(null);
  expect(readFileSync(join(root, "a"), "utf8")).toBe("old a");
});

test("interrupted after any rename it goes on, and nothing old or new is lost", () => {
  // What an exchange that was killed may have done of each entry: nothing, the old one moved, both moved.
  const state = fc.constantFrom("untouched", "kept", "done");
  fc.assert(
    fc.property(state, state, fc.constantFrom("untouched", "kept"), fc.boolean(), (a, c, d, remade) => {
      rmSync(root, { recursive: true, force: true });
      const { fresh, directory } = workplaceIn(root);
      const kept = join(root, JOURNAL.kept);
      mkdirSync(directory, { recursive: true });
      for (const [name, how] of [
        ["a", a],
        ["b/c", c],
      ] as const) {
        write(how === "untouched" ? root : kept, name, `old ${name}`);
        write(how === "done" ? root : fresh, name, `new ${name}`);
      }
      write(d === "untouched" ? root : kept, "d", "old d");
      write(root, "later", "of the app");
      // The app made it anew in the instant in which it was not there.
      if (remade && a === "kept") write(root, "a", "made in between");
      beginExchange(root, JOURNAL);

      expect(exchange(root)).toBe(kept);
      expect(readFileSync(join(root, "a"), "utf8")).toBe("new a");
      expect(readFileSync(join(root, "b/c"), "utf8")).toBe("new b/c");
      expect(existsSync(join(root, "d"))).toBe(false);
      expect(readFileSync(join(root, "later"), "utf8")).toBe("of the app");
      for (const name of ["a", "b/c", "d"])
        expect(readFileSync(join(kept, name), "utf8")).toBe(`old ${name}`);
      if (remade && a === "kept") expect(readFileSync(join(kept, "a.2"), "utf8")).toBe("made in between");
      expect(existsSync(directory)).toBe(false);
      expect(exchange(root)).toBe(null);
    }),
    { numRuns: 60 },
  );
});

test("an entry that cannot be renamed stops it with the journal in place", () => {
  write(root, "a", "old a");
  write(workplaceIn(root).fresh, "a", "new a");
  write(root, JOURNAL.kept, "a file where the directory of the kept ones should be");
  beginExchange(root, JOURNAL);
  expect(() => exchange(root)).toThrow("could not all be exchanged");
  expect(readFileSync(join(root, "a"), "utf8")).toBe("old a");
  rmSync(join(root, JOURNAL.kept));
  write(workplaceIn(root).fresh, "b/c", "new c");
  exchange(root);
  expect(readFileSync(join(root, "a"), "utf8")).toBe("new a");
  expect(readdirSync(root).sort()).toEqual([JOURNAL.kept, "a", "b"]);
});
