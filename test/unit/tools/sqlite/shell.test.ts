import { expect, test } from "vitest";
import { sizeByHeader } from "../../../../src/tools/sqlite/header.ts";
import { dotArgument, identifier, parseJsonRows, shellArgv } from "../../../../src/tools/sqlite/shell.ts";

test("a database is named by a URI that never makes it", () => {
  expect(shellArgv("/data/my app#1?.db", "-json")).toEqual([
    "-batch",
    "-bail",
    "-init",
    "/dev/null",
    "-json",
    "file:/data/my%20app%231%3F.db?mode=rw",
  ]);
});

test("names, strings and arguments of dot commands are quoted", () => {
  expect(identifier('a"b')).toBe('"a""b"');
  expect(dotArgument('/a "b" \\c')).toBe('"/a \\"b\\" \\\\c"');
  expect(parseJsonRows("\n")).toEqual([]);
  expect(parseJsonRows('[{"a":1},\n{"a":null}]\n')).toEqual([{ a: 1 }, { a: null }]);
});

test("a file's length is what its header says", () => {
  const head = Buffer.alloc(100);
  head.write("SQLite format 3\0", "latin1");
  head.writeUInt16BE(4096, 16);
  head.writeUInt32BE(3, 28);
  expect(sizeByHeader(head)).toBe(12_288);
  head.writeUInt16BE(1, 16);
  expect(sizeByHeader(head)).toBe(196_608);
  expect(sizeByHeader(head.subarray(0, 99))).toBe(null);
  head.write("x", 0);
  expect(sizeByHeader(head)).toBe(null);
});
