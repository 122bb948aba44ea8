import { expect, test } from "vitest";
import {
  parseListedFile,
  parseLock,
  parseRepositoryId,
  parseSnapshots,
} from "../../../../src/tools/restic/listings.ts";

// Recorded from restic 0.19.1; the second row as restic 0.16 and older write it.
const SNAPSHOTS = `[
{"time":"2026-11-21T14:15:44.808370929Z","tree":"a3e9ce0f4a3696cf86ed21a8a4397ee67d97863c0d7d71259105b94f00d5fa47","paths":["/a.pgdump"],"hostname":"h","username":"root","tags":["kamal-backup","app:x"],"program_version":"restic 0.19.1","summary":{"files_new":1,"total_bytes_processed":67},"id":"d08757d0eac0aedb5726c065024044b99e033a77a8f030eda23477d8bfdcfed1","short_id":"d08757d0"},
{"time":"2024-01-08T16:46:53.5+02:00","tree":"a3e9ce0f4a3696cf86ed21a8a4397ee67d97863c0d7d71259105b94f00d5fa47","paths":["/b"],"hostname":"h","username":"root","id":"7c6ba5b67e67048433fe34679c12664ff5c22a89bb6265e36c14641afc0f24cc"}]`;

test("snapshots come with their tags, and with the size where restic says it", () => {
  expect(parseSnapshots(SNAPSHOTS)).toMatchObject([
    { shortId: "d08757d0", host: "h", paths: ["/a.pgdump"], tags: ["kamal-backup", "app:x"], sizeBytes: 67 },
    { shortId: "7c6ba5b6", tags: [], sizeBytes: null, time: new Date("2024-01-08T14:46:53.500Z") },
  ]);
  // An empty repository, of restic before 0.17.
  expect(parseSnapshots("null")).toEqual([]);
});

test("of a listing the files are taken", () => {
  const node = (type: string) =>
    `{"name":"hostname","type":"${type}","path":"/etc/hostname","size":3,"inode":11732817,"message_type":"node","struct_type":"node"}`;
  expect(parseListedFile(node("file"))).toEqual({
    path: "/etc/hostname",
    bytes: 3,
    inode: 11732817,
  });
  expect(parseListedFile(node("dir"))).toBeNull();
  expect(
    parseListedFile('{"time":"2026-11-21T14:15:47Z","paths":["/x"],"struct_type":"snapshot"}'),
  ).toBeNull();
});

test("a lock, and a repository's id", () => {
  const lock =
    '{\n  "time": "2026-11-21T14:34:34.367358011Z",\n  "exclusive": false,\n  "hostname": "vm",\n  "username": "root",\n  "pid": 32743\n}\n';
  expect(parseLock(lock)).toEqual({
    time: new Date("2026-11-21T14:34:34.367Z"),
    exclusive: false,
    host: "vm",
    pid: 32743,
  });
  const id = "6ed07590571814ba6cbe2b66c208890a7b683c60f553cb35ee6dbfb93102b235";
  expect(
    parseRepositoryId(`{\n  "version": 2,\n  "id": "${id}",\n  "chunker_polynomial": "3372957ddf4323"\n}`),
  ).toBe(id);
  expect(parseRepositoryId("")).toBeNull();
});
