import { expect, test } from "vitest";
import { runProgram } from "../../../src/kamal/program.ts";

const cwd = import.meta.dirname;

test("both streams, as they come and at the end, and the exit code", async () => {
  const seen: string[] = [];
  const result = await runProgram("sh", ["-c", "echo out; echo err >&2; echo $X; exit 3"], {
    cwd,
    env: { X: "x y" },
    onLine: (line) => seen.push(line),
  });
  expect(result).toEqual({
    stdout: "out\nx y\n",
    stderr: "err\n",
    exitCode: 3,
    spawnError: null,
    aborted: false,
  });
  expect(seen.sort()).toEqual(["err", "out", "x y"]);
});

test("a program that is not there", async () => {
  expect(await runProgram("no-such-program", [], { cwd })).toMatchObject({
    exitCode: null,
    spawnError: "ENOENT",
  });
});

test("abort is SIGINT to a program of its own process group", async () => {
  const abort = new AbortController();
  const script =
    "trap 'echo interrupted; exit 7' INT; echo $$; ps -o pgid= -p $$; while :; do sleep 0.05; done";
  const result = await runProgram("sh", ["-c", script], {
    cwd,
    signal: abort.signal,
    onLine: () => setTimeout(() => abort.abort(), 100),
  });
  const [pid, group, last] = result.stdout.trim().split(/\s+/);
  expect(group).toBe(pid);
  expect(last).toBe("interrupted");
  expect(result).toMatchObject({ exitCode: 7, aborted: true });
});

test("what ignores SIGINT is killed with its children after the grace", async () => {
  const abort = new AbortController();
  const started = performance.now();
  const result = await runProgram("sh", ["-c", "trap '' INT; sleep 30 & echo on; sleep 30"], {
    cwd,
    signal: abort.signal,
    graceSeconds: 0.3,
    onLine: () => abort.abort(),
  });
  expect(result).toMatchObject({ exitCode: null, spawnError: null, aborted: true, stdout: "on\n" });
  expect(performance.now() - started).toBeLessThan(5000);
});

test("nothing is started once aborted", async () => {
  const result = await runProgram("sh", ["-c", "echo x"], { cwd, signal: AbortSignal.abort() });
  expect(result).toMatchObject({ stdout: "", aborted: true });
});
