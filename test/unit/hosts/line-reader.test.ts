import { expect, test } from "vitest";
import { LineReader } from "../../../src/hosts/line-reader.ts";

test("lines come whole, whatever the pieces, and the last one without its newline too", () => {
  const bytes = Buffer.from("one\nzwölf\n\n€nd");
  for (const size of [1, 2, 3, 100]) {
    const lines: string[] = [];
    const reader = new LineReader((line) => lines.push(line));
    for (let at = 0; at < bytes.length; at += size) reader.read(bytes.subarray(at, at + size));
    reader.end();
    expect(lines).toEqual(["one", "zwölf", "", "€nd"]);
  }
});
