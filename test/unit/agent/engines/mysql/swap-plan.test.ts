import fc from "fast-check";
import { expect, test } from "vitest";
import { renameStatement } from "../../../../../src/agent/engines/mysql/swap-plan.ts";

const DATABASES = { live: "shop", restored: "new", kept: "old" };

function sets(live: string[], restored: string[], kept: string[]) {
  return { live: new Set(live), restored: new Set(restored), kept: new Set(kept) };
}

test("one statement moves all old tables away and all new ones in", () => {
  const exchanged = { old: ["both", "gone"], fresh: ["both", "new"] };
  expect(renameStatement(DATABASES, exchanged, sets(["both", "gone"], ["both", "new"], []))).toBe(
    "RENAME TABLE `shop`.`both` TO `old`.`both`, `shop`.`gone` TO `old`.`gone`, `new`.`both` TO `shop`.`both`, `new`.`new` TO `shop`.`new`;",
  );
});

test("done, there is nothing to move, and what came later stays", () => {
  const exchanged = { old: ["both", "gone"], fresh: ["both", "new"] };
  expect(renameStatement(DATABASES, exchanged, sets(["both", "new", "later"], [], ["both", "gone"]))).toBe(
    null,
  );
});

test("half done in any way, the rest leads to the same end", () => {
  const names = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d`e"), { maxLength: 4 });
  fc.assert(
    fc.property(names, names, fc.nat(), (old, fresh, seed) => {
      const present = sets(old, fresh, []);
      const first = moves(renameStatement(DATABASES, { old, fresh }, present));
      for (const move of first.slice(0, first.length === 0 ? 0 : seed % (first.length + 1)))
        apply(present, move);
      for (const move of moves(renameStatement(DATABASES, { old, fresh }, present))) apply(present, move);
      expect(present).toEqual({ live: new Set(fresh), restored: new Set(), kept: new Set(old) });
    }),
  );
});

type Move = readonly [from: "live" | "restored" | "kept", to: "live" | "restored" | "kept", name: string];

const SIDES = { shop: "live", new: "restored", old: "kept" } as const;

function moves(statement: string | null): Move[] {
  const found = statement?.matchAll(/`(shop|new)`\.`((?:[^`]|``)+)` TO `(shop|old)`/g) ?? [];
  return [...found].map(
    ([, from, name = "", to]): Move => [
      SIDES[from as keyof typeof SIDES],
      SIDES[to as keyof typeof SIDES],
      name.replaceAll("``", "`"),
    ],
  );
}

function apply(present: ReturnType<typeof sets>, [from, to, name]: Move): void {
  if (!present[from].delete(name)) throw new Error(`no ${name} in ${from}`);
  if (present[to].has(name)) throw new Error(`${name} is in ${to} already`);
  present[to].add(name);
}
