import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { Failure } from "../../../src/errors.ts";
import { spliceAccessory } from "../../../src/kamal/splice.ts";
import type { ManifestEdit } from "../../../src/model/topology.ts";

/**
 * splice/*.case: `accessory: NAME`, one edit a line as JSON, then `=== before` and either `=== after` (with nothing
 * below: unchanged) or `=== refused PATTERN`. Each runs with LF, with CRLF, and without the last newline.
 */
const folder = new URL("splice/", import.meta.url);
const cases = readdirSync(folder).map((name) => {
  const [head = "", before = "", after] = readFileSync(new URL(name, folder), "utf8").split(/^=== .*\n/m);
  const [first = "", ...edits] = head
    .trim()
    .split("\n")
    .filter((line) => !line.startsWith("#"));
  const refused = /^=== refused (.*)$/m.exec(readFileSync(new URL(name, folder), "utf8"))?.[1];
  return {
    name,
    accessory: first.replace("accessory: ", ""),
    edits: edits.map((line) => JSON.parse(line) as ManifestEdit),
    before,
    after: after === "" ? before : (after as string),
    refused,
  };
});

const endings: [string, (text: string) => string][] = [
  ["LF", (text) => text],
  ["CRLF", (text) => text.replaceAll("\n", "\r\n")],
  ["no last newline", (text) => text.replace(/\n$/, "")],
];

describe.each(endings)("%s", (ending, as) => {
  test.each(cases.filter((one) => one.refused === undefined))(
    "$name",
    ({ accessory, edits, before, after }) => {
      const once = spliceAccessory(as(before), accessory, edits, { path: "config/deploy.yml" });
      if (ending === "no last newline") expect(once.replace(/\n$/, "")).toBe(as(after));
      else expect(once).toBe(as(after));
      expect(spliceAccessory(once, accessory, edits, { path: "config/deploy.yml" })).toBe(once);
    },
  );

  test.each(cases.filter((one) => one.refused !== undefined))(
    "$name",
    ({ accessory, edits, before, refused }) => {
      const failure = caught(() =>
        spliceAccessory(as(before), accessory, edits, { path: "config/deploy.yml" }),
      );
      expect(failure.code).toBe("manifest.refused");
      expect(failure.message).toMatch(new RegExp(refused as string));
      expect(failure.detail).toContain(`accessories:\n  ${accessory}:`);
    },
  );
});

function caught(run: () => unknown): Failure {
  try {
    run();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
