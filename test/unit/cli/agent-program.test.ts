import { expect, test } from "vitest";
import { buildAgentProgram } from "../../../src/cli/agent/program.ts";
import { progressReport } from "../../../src/cli/agent/progress.ts";
import { detailsText, progressLine, showSeconds } from "../../../src/cli/agent/words.ts";

/** The help of a command as it is printed. */
function helpOf(...words: readonly string[]): string {
  let command = buildAgentProgram(() => {});
  for (const word of words) command = command.commands.find((one) => one.name() === word) ?? command;
  let text = "";
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
  });
  command.outputHelp();
  return text;
}

const COMMANDS =
  "schedule status health backup list restore drill dump check prune unlock init evidence validate version";

test("the commands are those of the contract, and produce-mysql is hidden", () => {
  const names = buildAgentProgram(() => {}).commands.map((command) => command.name());
  expect(names).toEqual([...COMMANDS.split(" "), "produce-mysql"]);
  expect(helpOf()).not.toContain("produce-mysql");
});

test.each([
  ...COMMANDS.split(" ")
    .filter((name) => name !== "restore" && name !== "drill")
    .map((name) => [name]),
  ["restore", "production"],
  ["drill", "production"],
])("help of %s %s: examples, exit statuses, JSON", (...words) => {
  const help = helpOf(...words);
  expect(help).toMatch(/\nExamples:\n {2}\S/);
  expect(help).toMatch(/\nExit status:\n/);
  expect(help).toContain("--json");
});

test("progress for people: how much, how fast, how long it takes", () => {
  expect(progressLine({ phase: "dumping db" }, 3)).toBe("dumping db");
  const half = { phase: "dumping db", bytes: 512 * 1024 ** 2, totalBytes: 1024 ** 3 };
  expect(progressLine(half, 10)).toBe("dumping db: 512 MB of about 1 GB (50 %), 51.2 MB/s, 10s left");
  expect(progressLine({ phase: "dumping db", bytes: 2048, totalBytes: null }, 0)).toBe("dumping db: 2 kB");
  expect(progressLine({ ...half, bytes: 2 * 1024 ** 3 }, 10)).toContain("(99 %)");
  expect([45, 125, 4800].map(showSeconds)).toEqual(["45s", "2m 5s", "1h 20m"]);
});

test("progress for a program: lines of JSON, at most four a second, and the last one always", async () => {
  const written: string[] = [];
  const stream = { write: (text: string) => written.push(text) > 0, isTTY: false, columns: 80 };
  const report = progressReport(stream as never, { KAMAL_BACKUP_PROGRESS: "json" });
  for (let bytes = 0; bytes < 1000; bytes++) report.report({ phase: "dumping db", bytes });
  report.settle();
  expect(written).toEqual([
    '{"progress":{"phase":"dumping db","bytes":0}}\n',
    '{"progress":{"phase":"dumping db","bytes":999}}\n',
  ]);
});

test("progress is not told where nobody watches", () => {
  const written: string[] = [];
  const stream = { write: (text: string) => written.push(text) > 0, isTTY: false, columns: 80 };
  progressReport(stream as never, {}).report({ phase: "dumping db" });
  expect(written).toEqual([]);
});

test("details for people", () => {
  const details = {
    run: "r",
    bytes: 2048,
    seconds: 61,
    databases: [{ database: "a", rows: 3, warnings: [] }],
    warnings: [],
  };
  expect(detailsText(details)).toBe(
    "  run: r\n  bytes: 2 kB\n  seconds: 1m 1s\n  databases: database a, rows 3\n",
  );
});
