import { expect, test } from "vitest";
import { progressOn } from "../../../../src/cli/remote/live-line.ts";

const ERASE = "\r\u001b[K";

function shown(isTTY: boolean, lines: readonly string[]): string {
  let text = "";
  let now = 0;
  const write = (part: string | Uint8Array) => {
    text += String(part);
    return true;
  };
  const live = progressOn({ write, isTTY, columns: 80 } as NodeJS.WriteStream, () => now);
  for (const line of lines) {
    live.line(line);
    now += 10_000;
  }
  live.settle();
  return text;
}

const at = (bytes: number) =>
  JSON.stringify({ progress: { phase: "dumping app", bytes, totalBytes: 100 * 1024 ** 2 } });

test("on a terminal progress is one line that is written over, with rate and time left", () => {
  expect(shown(true, [at(0), at(10 * 1024 ** 2), "backed up app"])).toBe(
    [
      `${ERASE}dumping app: 0 B of about 100 MB (0 %)`,
      `${ERASE}dumping app: 10 MB of about 100 MB (10 %), 1 MB/s, 1m 30s left`,
      ERASE,
      "backed up app\n",
    ].join(""),
  );
});

test("off a terminal progress is dropped and the rest comes through", () => {
  expect(shown(false, [at(1), "one", '{"other": 1}', '{"progress": "no', at(2)])).toBe(
    'one\n{"other": 1}\n{"progress": "no\n',
  );
});
