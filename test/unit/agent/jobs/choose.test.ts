import { describe, expect, it } from "vitest";
import { chooseDatabase } from "../../../../src/agent/jobs/choose-database.ts";
import { chooseTable } from "../../../../src/agent/jobs/choose-table.ts";

describe("a database", () => {
  it.each([
    ["the one asked for", ["a", "b"], "b", "a", "b"],
    ["the application's", ["a", "b"], null, "a", "a"],
    ["the only one", ["a"], null, null, "a"],
    ["the only one, where the application's is another", ["a"], null, "z", "a"],
  ] as const)("is %s", (_, names, asked, application, chosen) => {
    expect(chooseDatabase(names, asked, application)).toBe(chosen);
  });

  it.each([
    ["asked for and not there", ["a"], "b", "a"],
    ["one of several", ["a", "b"], null, null],
    ["one of none", [], null, "a"],
  ] as const)("is refused when it is %s", (_, names, asked, application) => {
    expect(() => chooseDatabase(names, asked, application)).toThrow(
      expect.objectContaining({ code: "restore.no-such-database" }),
    );
  });
});

describe("a table", () => {
  const tables = ["audit.log", "public.log", "public.users", "shop.orders"];

  it.each([
    ["public.users", "public.users"],
    ["users", "public.users"],
    ["orders", "shop.orders"],
    ["log", "public.log"],
    ["audit.log", "audit.log"],
  ])("%s is %s", (asked, chosen) => {
    expect(chooseTable(tables, asked)).toBe(chosen);
  });

  it("is taken at its word where nothing was recorded", () => {
    expect(chooseTable(null, "users")).toBe("public.users");
    expect(chooseTable(null, "shop.orders")).toBe("shop.orders");
  });

  it.each([["ers"], ["missing"], ["public.orders"]])("%s is refused", (asked) => {
    expect(() => chooseTable(tables, asked)).toThrow(
      expect.objectContaining({ code: "restore.no-such-table" }),
    );
  });

  it("is refused where it may be two", () => {
    expect(() => chooseTable(["a.t", "b.t"], "t")).toThrow("t may be a.t or b.t");
  });
});
