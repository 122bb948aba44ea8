import { expect, test } from "vitest";
import { goneTables } from "../../../../src/agent/jobs/gone-tables.ts";
import type { Facts } from "../../../../src/model/ledger.ts";

const RUN = "2026-11-21T02:15:00Z";

function facts(database: string, rows: Readonly<Record<string, number>>): Facts {
  const tables = Object.entries(rows).map(([name, count]) => [
    name,
    { rows: count, exact: count < 1_000_000 },
  ]);
  return {
    database,
    server_version: "17.6",
    size_bytes: 0,
    tables: Object.fromEntries(tables),
    extensions: {},
    collations: {},
    objects: {},
  };
}

test("tables that had rows and are gone are told with how many, by database", () => {
  const before = [
    facts("app", { "public.users": 3, "public.orders": 1234, "public.events": 5_000_000, "public.empty": 0 }),
    facts("other", { t: 1 }),
    facts("gone", { t: 1 }),
  ];
  const now = [facts("app", { "public.users": 0 }), facts("other", { t: 0 }), facts("new", { t: 1 })];
  expect(goneTables(RUN, before, now)).toEqual([
    "database app: gone since run 2026-11-21T02:15:00Z are tables that had rows: public.orders (1234), public.events (about 5000000). That run has them until retention forgets it",
  ]);
  expect(goneTables(RUN, before, before)).toEqual([]);
});

test("of a dropped schema not every table is named, and a table may be called as anything", () => {
  const many = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`t${index}`, 1]));
  const [words] = goneTables(RUN, [facts("app", many)], [facts("app", {})]);
  expect(words).toContain("t9 (1) and 2 more.");
  expect(goneTables(RUN, [facts("app", { constructor: 1 })], [facts("app", {})])).toHaveLength(1);
});
