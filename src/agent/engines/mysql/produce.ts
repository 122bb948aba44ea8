import { spawn } from "node:child_process";
import { once } from "node:events";
import { GeneratedColumns } from "../../../tools/mariadb/generated-columns.ts";
import { RowCounter } from "../../../tools/mariadb/row-counter.ts";
import { writeWhole } from "../../write-whole.ts";

/**
 * What the hidden command `produce-mysql` is given: where the counts go, SQL that comes before the dump, generated
 * columns by table as JSON (see `GeneratedColumns`), and the dump program with its arguments.
 */
export type ProduceArguments = readonly [
  countsFile: string,
  prologue: string,
  generated: string,
  program: string,
  ...argv: string[],
];

/**
 * The hidden command `produce-mysql`: a dump on stdout, its rows counted as they pass. The counts are written (JSON,
 * rows by table, mode 0600) before the end of stdout and only when the dump is whole: its program succeeded and wrote
 * its last line.
 * @returns the exit status: 0, or 1 with a line on stderr.
 */
export async function produceMysql([
  countsFile,
  prologue,
  generated,
  program,
  ...argv
]: ProduceArguments): Promise<number> {
  const counter = new RowCounter();
  const columns = Object.entries(JSON.parse(generated) as Record<string, string[]>);
  const rewriting = new GeneratedColumns(new Map(columns.map(([table, names]) => [table, new Set(names)])));
  const child = spawn(program, argv, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "close").catch((error: Error) => [error.message, null]);
  process.stdout.write(prologue);
  const stopped = new AbortController();
  process.stdout.on("error", () => stopped.abort());
  try {
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      counter.add(chunk);
      const passed = columns.length === 0 ? chunk : rewriting.pass(chunk);
      if (!process.stdout.write(passed)) await once(process.stdout, "drain", { signal: stopped.signal });
    }
  } catch {
    child.kill();
    return failed("nobody reads the dump any more");
  }
  const [status, signal] = (await ended) as [number | string | null, string | null];
  if (status !== 0) return failed(`${program} ended with ${signal ?? status}`);
  if (!counter.complete()) return failed(`${program} did not write its last line: the dump is cut off`);
  writeWhole(countsFile, JSON.stringify(Object.fromEntries(counter.rows())));
  return 0;
}

function failed(reason: string): 1 {
  process.stderr.write(`produce-mysql: ${reason}\n`);
  return 1;
}
