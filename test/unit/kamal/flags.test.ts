import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { editFlags, readFlags } from "../../../src/kamal/flags.ts";

describe("readFlags", () => {
  test.each([
    [null, {}],
    ["", {}],
    ["postgres", {}],
    ["-c a=1", { a: "1" }],
    ["postgres -c a=1 -cB=2 --c-d=3 -D /data -p 5433 --single", { a: "1", b: "2", c_d: "3" }],
    ["docker-entrypoint.sh postgres -c a=1 -c A=2", { a: "2" }],
    [
      `/usr/bin/postgres -c "log_line_prefix=%m [%p] " -c 'x=it'\\''s'`,
      { log_line_prefix: "%m [%p] ", x: "it's" },
    ],
    ["postgres -c a=b=c\n", { a: "b=c" }],
    ["postgres -c shared_preload_libraries=a,b -c", { shared_preload_libraries: "a,b" }],
  ])("%s", (cmd, flags) => expect(readFlags(cmd)).toEqual(flags));

  test.each([
    ["bash -c 'postgres -c a=1'", /not those of postgres/],
    ["postgres -c a=$A", /acts on "\$"/],
    ['postgres -c "a=$A"', /expands \$/],
    ["postgres -c a='b", /quote is open/],
    ["postgres -c a=1 # no", /acts on #/],
    ["postgres -c a=*", /acts on "\*"/],
    ["postgres\n-c a=1", /acts on "\\n"/],
    ["postgres; rm x", /acts on ";"/],
  ])("refuses %s", (cmd, message) => {
    expect(() => readFlags(cmd)).toThrow(
      expect.objectContaining({ code: "manifest.command", message: expect.stringMatching(message) }),
    );
  });
});

describe("editFlags", () => {
  test.each([
    [null, { b: "2", a: "1" }, [], "postgres -c a=1 -c b=2"],
    ["postgres -c x=y  -D /d", { x: "z" }, [], "postgres -c x=z  -D /d"],
    [
      "postgres --wal-level=minimal -cMax_Wal_Senders=1",
      { wal_level: "replica", max_wal_senders: "5" },
      [],
      "postgres --wal-level=replica -cMax_Wal_Senders=5",
    ],
    ["postgres -c a=1 -c b=2 -c a=3", { a: "4" }, [], "postgres -c b=2 -c a=4"],
    ["postgres -c a=1 -c b=2 -c a=3", {}, ["A"], "postgres -c b=2"],
    ["postgres -c a=1", {}, ["a", "z"], "postgres"],
    ["postgres -c 'a=x y' -c b=1", { b: "p q" }, [], "postgres -c 'a=x y' -c 'b=p q'"],
    ["postgres -c a=1", { a: "1" }, ["a"], "postgres -c a=1"],
    ["postgres -c a=1\n", { b: "it's" }, [], "postgres -c a=1 -c 'b=it'\\''s'"],
  ])("%s with %j without %j", (cmd, set, remove, expected) =>
    expect(editFlags(cmd, set, remove)).toBe(expected),
  );

  test("reads back what was set, loses no other flag, and again changes nothing", () => {
    const name = fc.stringMatching(/^[a-z][a-z_]{0,4}$/);
    const flags = fc.dictionary(
      name,
      fc.string({ maxLength: 6 }).filter((value) => !value.includes("\0")),
      { maxKeys: 5, noNullPrototype: true },
    );
    fc.assert(
      fc.property(flags, flags, fc.array(name, { maxLength: 3 }), (there, set, remove) => {
        const edited = editFlags(editFlags(null, there, []), set, remove);
        const kept = Object.entries(there).filter(([key]) => !remove.includes(key));
        expect(readFlags(edited)).toEqual({ ...Object.fromEntries(kept), ...set });
        expect(editFlags(edited, set, remove)).toBe(edited);
      }),
    );
  });
});
