import { describe, expect, it } from "vitest";
import { compareFacts } from "../../../../src/agent/jobs/compare-facts.ts";
import type { Facts } from "../../../../src/model/ledger.ts";

const RECORDED: Facts = {
  database: "teamyap_production",
  server_version: "17.6",
  size_bytes: 1000,
  tables: {
    "public.events": { rows: 5_000_000, exact: false },
    "public.posts": { rows: 0, exact: true },
    "public.users": { rows: 3, exact: true },
  },
  extensions: { plpgsql: "1.0", citext: "1.6" },
  collations: { "en_US.utf8": "2.36" },
  objects: { views: 2, functions: 1 },
};

const found = (change: Partial<Facts>) => compareFacts(RECORDED, { ...RECORDED, ...change });
const tables = (change: Facts["tables"]) => found({ tables: { ...RECORDED.tables, ...change } });

describe("what came back as it was", () => {
  it("is no difference, and is counted", () => {
    expect(found({})).toEqual({
      differences: [],
      notes: ["not compared row by row, being above the limit for counting: public.events"],
      tables: 3,
      rows: 3,
    });
  });

  it("is no difference where another server or size is all that changed", () => {
    expect(found({ server_version: "18.0", size_bytes: 9 }).differences).toEqual([]);
  });
});

describe("tables", () => {
  it.each([
    [tables({ "public.users": { rows: 2, exact: true } }), "table public.users has 2 rows, and had 3"],
    [tables({ "public.users": { rows: 4, exact: true } }), "table public.users has 4 rows, and had 3"],
    [tables({ "public.posts": { rows: 1, exact: true } }), "table public.posts has 1 rows, and had 0"],
    [
      tables({ "public.events": { rows: 0, exact: true } }),
      "table public.events has 0 rows, and had about 5000000",
    ],
    [tables({ "a.b": { rows: 0, exact: true } }), "table a.b was not there when the backup was made"],
    [
      found({
        tables: { "public.events": { rows: 1, exact: false }, "public.posts": { rows: 0, exact: true } },
      }),
      "table public.users did not come back",
    ],
  ])("%#", (comparison, difference) => {
    expect(comparison.differences).toEqual([difference]);
  });

  it("are not told apart by an estimate: a fresh restore has no statistics", () => {
    expect(tables({ "public.events": { rows: 0, exact: false } }).differences).toEqual([]);
    expect(tables({ "public.events": { rows: 17, exact: true } }).differences).toEqual([]);
  });

  it("say so where a count was wanted and there is only an estimate", () => {
    const { differences, notes } = tables({ "public.users": { rows: 0, exact: false } });
    expect(differences).toEqual([]);
    expect(notes.join()).toContain("public.users");
  });
});

describe("other things", () => {
  it("have to come back, and none may be there that was not", () => {
    expect(found({ objects: { views: 1, triggers: 1, functions: 1 } }).differences).toEqual([
      "triggers: 1, and there were 0",
      "views: 1, and there were 2",
    ]);
  });

  it("may be events of MySQL whose time is over", () => {
    const objects = { events: 3, "lapsing events": 2 };
    const events = (found: Facts["objects"]) =>
      compareFacts({ ...RECORDED, tables: {}, objects }, { ...RECORDED, tables: {}, objects: found });
    expect(events({ events: 2, "lapsing events": 1 })).toMatchObject({
      differences: [],
      notes: ["1 events did not come back: their time is over, and they end with it"],
    });
    expect(events({ events: 1 }).differences).toEqual([]);
    expect(events({ events: 1, "lapsing events": 1 }).differences).toEqual(["events: 1, and there were 2"]);
    expect(events({}).differences).toEqual(["events: 0, and there were 1"]);
  });

  it("are not there by names that every object has", () => {
    const facts = { ...RECORDED, tables: {}, objects: {}, extensions: {} };
    expect(compareFacts({ ...facts, extensions: { constructor: "1" } }, facts).differences).toEqual([
      "extension constructor did not come back",
    ]);
    expect(
      compareFacts({ ...facts, tables: { toString: { rows: 0, exact: true } } }, facts).differences,
    ).toEqual(["table toString did not come back"]);
  });

  it("of another version are a note: that is the server's, not the backup's", () => {
    const { differences, notes } = found({
      extensions: { plpgsql: "1.0", citext: "1.7" },
      collations: { "en_US.utf8": "2.41" },
    });
    expect(differences).toEqual([]);
    expect(notes.slice(0, 2)).toEqual([
      "extension citext is 1.7 here, and was 1.6",
      "collation en_US.utf8 is 2.41 here, and was 2.36",
    ]);
  });

  it("are extensions too", () => {
    expect(found({ extensions: { plpgsql: "1.0", pg_trgm: "1.6" } }).differences).toEqual([
      "extension citext did not come back",
      "extension pg_trgm was not there when the backup was made",
    ]);
  });
});
