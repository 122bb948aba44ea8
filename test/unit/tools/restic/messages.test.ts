import { expect, test } from "vitest";
import { parseProgress, parseStderr, parseSummary } from "../../../../src/tools/restic/messages.ts";

// Recorded from restic 0.19.1.
const SUMMARY =
  '{"message_type":"summary","files_new":1,"files_changed":0,"files_unmodified":0,"dirs_new":0,"dirs_changed":0,"dirs_unmodified":0,"data_blobs":1,"tree_blobs":1,"data_added":352,"data_added_packed":403,"total_files_processed":1,"total_bytes_processed":67,"total_duration":0.685380771,"backup_start":"2026-11-21T14:15:44.808370929Z","backup_end":"2026-11-21T14:15:45.493751721Z","snapshot_id":"d08757d0eac0aedb5726c065024044b99e033a77a8f030eda23477d8bfdcfed1"}';
const FAILED = [
  "subprocess sh: producer err",
  '{"message_type":"error","error":{"message":"failed to save /a.pgdump: Fatal: command failed: exit status 3"},"during":"archival","item":"/a.pgdump"}',
  '{"message_type":"exit_error","code":1,"message":"Fatal: unable to save snapshot: failed to save /a.pgdump: Fatal: command failed: exit status 3"}',
].join("\n");

test("a summary gives the snapshot and what it came to", () => {
  expect(parseSummary(SUMMARY)).toEqual({
    snapshotId: "d08757d0eac0aedb5726c065024044b99e033a77a8f030eda23477d8bfdcfed1",
    bytes: 67,
    addedBytes: 403,
  });
  const ofCheck =
    '{"message_type":"summary","num_errors":0,"broken_packs":null,"suggest_repair_index":false}';
  expect(parseSummary(ofCheck)).toBeNull();
  expect(parseSummary("loading all snapshots...")).toBeNull();
});

test("progress knows no total of a stream", () => {
  const stream = '{"message_type":"status","percent_done":0,"total_files":1,"bytes_done":1048576}';
  expect(parseProgress(stream)).toEqual({ bytes: 1048576, totalBytes: null });
  const files =
    '{"message_type":"status","percent_done":0.5,"total_files":2,"total_bytes":10,"bytes_done":5}';
  expect(parseProgress(files)).toEqual({ bytes: 5, totalBytes: 10 });
  expect(parseProgress(SUMMARY)).toBeNull();
  expect(parseProgress("{broken")).toBeNull();
});

test("the producer's words are told from restic's, whose last word comes first", () => {
  expect(parseStderr(FAILED)).toEqual({
    producer: "producer err",
    restic: [
      "unable to save snapshot: failed to save /a.pgdump: Fatal: command failed: exit status 3",
      "failed to save /a.pgdump: Fatal: command failed: exit status 3",
    ].join("\n"),
  });
});

test("what restic retried is kept, the newest lines of it", () => {
  const retries = Array.from(
    { length: 30 },
    (_, index) => `Stat(<config/>) returned error, retrying after ${index}s`,
  );
  const stderr = [...retries, "\rsignal interrupt received, cleaning up "].join("\n");
  const words = parseStderr(stderr).restic.split("\n");
  expect(words).toHaveLength(5);
  expect(words.at(-1)).toContain("29s");
});
