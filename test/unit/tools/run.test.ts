import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, expect, test } from "vitest";
import { pipeHead, pipeTools, runTool } from "../../../src/tools/run.ts";

const directory = mkdtempSync(join(tmpdir(), "run-test-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const never = new AbortController().signal;
const sh = (script: string, env: Record<string, string> = {}) => ({
  program: "sh",
  argv: ["-c", script],
  env,
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

test("a program has PATH, LANG, HOME, TMPDIR and what it is given, and nothing else of ours", async () => {
  process.env["KAMAL_BACKUP_CANARY"] = "canary";
  const { stdout } = await runTool({ program: "env", argv: [], env: { MINE: "1" } }, { signal: never });
  delete process.env["KAMAL_BACKUP_CANARY"];
  const names = stdout
    .trim()
    .split("\n")
    .map((line) => line.split("=")[0]);
  expect(names.sort()).toEqual(["HOME", "LANG", "MINE", "PATH", "TMPDIR"]);
});

test("exit status, stdout and stderr come back, and what could not be started is told apart", async () => {
  expect(await runTool(sh("echo out; echo err >&2; exit 3"), { signal: never })).toEqual({
    exitCode: 3,
    stdout: "out\n",
    stderr: "err\n",
    signal: null,
    spawnError: null,
    aborted: false,
  });
  const missing = await runTool({ program: "no-such-program", argv: [], env: {} }, { signal: never });
  expect(missing).toMatchObject({ exitCode: null, spawnError: "ENOENT" });
});

test("of a long stderr its end is kept, in whole lines", async () => {
  const { stderr } = await runTool(sh("seq 1 100000 >&2"), { signal: never });
  expect(stderr.length).toBeGreaterThan(60 * 1024);
  expect(stderr.length).toBeLessThanOrEqual(64 * 1024);
  expect(stderr).toMatch(/^\d{5}\n/);
  expect(stderr.endsWith("\n100000\n")).toBe(true);
});

test("lines are given one by one, the last one without a newline too", async () => {
  const lines: string[] = [];
  const errors: string[] = [];
  const result = await runTool(sh("printf 'a\\nb'; printf 'x\\ny\\n' >&2"), {
    signal: never,
    onStdoutLine: (line) => lines.push(line),
    onStderrLine: (line) => errors.push(line),
  });
  expect(lines).toEqual(["a", "b"]);
  expect(errors).toEqual(["x", "y"]);
  expect(result).toMatchObject({ stdout: "", stderr: "x\ny\n" });
});

test("stdin: text, and a stream; a program that does not read it is no error", async () => {
  const cat = { program: "cat", argv: [], env: {} };
  expect((await runTool(cat, { signal: never, stdin: "text" })).stdout).toBe("text");
  expect((await runTool(cat, { signal: never, stdin: Readable.from(["a", "b"]) })).stdout).toBe("ab");
  expect((await runTool(sh("exit 0"), { signal: never, stdin: "x".repeat(10_000_000) })).exitCode).toBe(0);
});

test("a stdin that breaks kills the program: it must not take a part for the whole", async () => {
  const broken = Readable.from(
    (function* () {
      yield "half";
      throw new Error("disk on fire");
    })(),
  );
  const result = await runTool(sh("cat; echo complete"), { signal: never, stdin: broken });
  expect(result.exitCode).toBeNull();
  expect(result.stdout).not.toContain("complete");
  expect(result.stderr).toContain("disk on fire");
});

test("stdout goes to a file of mode 0600", async () => {
  const path = join(directory, "out");
  const result = await runTool(sh("echo one; echo two"), { signal: never, stdoutToFile: path });
  expect(result.stdout).toBe("");
  expect(readFileSync(path, "utf8")).toBe("one\ntwo\n");
  expect(statSync(path).mode & 0o777).toBe(0o600);
  await expect(
    runTool(sh("true"), { signal: never, stdoutToFile: join(directory, "no/dir") }),
  ).rejects.toThrow("cannot be written");
});

test("an abort interrupts; after the grace the whole group is killed", async () => {
  const polite = new AbortController();
  const started = runTool(sh("trap 'echo bye; exit 7' INT; echo on >&2; while :; do sleep 0.05; done"), {
    signal: polite.signal,
    onStderrLine: () => polite.abort(),
  });
  expect(await started).toMatchObject({ exitCode: 7, stdout: "bye\n", aborted: true });

  const stubborn = new AbortController();
  let grandchild = 0;
  const result = await runTool(sh("trap '' INT; sleep 60 & echo $!; wait; sleep 60"), {
    signal: stubborn.signal,
    graceSeconds: 0.2,
    onStdoutLine: (line) => {
      grandchild = Number(line);
      stubborn.abort();
    },
  });
  expect(result).toMatchObject({ exitCode: null, signal: "SIGKILL", aborted: true });
  expect(isAlive(grandchild)).toBe(false);
  expect(await runTool(sh("true"), { signal: stubborn.signal })).toMatchObject({
    aborted: true,
    exitCode: null,
  });
});

test("a daemon left behind with the pipes open does not hold up the result", async () => {
  const result = await runTool(sh("sleep 30 & echo $!"), { signal: never });
  process.kill(Number(result.stdout), "SIGKILL");
  expect(result.exitCode).toBe(0);
});

test("a pipe gives every byte on, and both results come back", async () => {
  const { from, into } = await pipeTools(
    sh("head -c 50000000 /dev/zero; echo w >&2; exit 4"),
    sh("wc -c; exit 5"),
    {
      signal: never,
    },
  );
  expect(from).toMatchObject({ exitCode: 4, stderr: "w\n", stdout: "" });
  expect(into).toMatchObject({ exitCode: 5, stdout: "50000000\n" });
});

test("a writer whose reader is gone ends; a reader whose writer is missing sees an empty stdin", async () => {
  const early = await pipeTools({ program: "yes", argv: [], env: {} }, sh("exit 1"), { signal: never });
  expect(early.from.exitCode).not.toBe(0);
  const missing = await pipeTools({ program: "no-such-program", argv: [], env: {} }, sh("wc -c"), {
    signal: never,
  });
  expect(missing.from.spawnError).toBe("ENOENT");
  expect(missing.into.stdout).toBe("0\n");
  const noReader = await pipeTools(
    { program: "yes", argv: [], env: {} },
    { program: "no-such-program", argv: [], env: {} },
    {
      signal: never,
    },
  );
  expect(noReader.into.spawnError).toBe("ENOENT");
  expect(noReader.from.exitCode).not.toBe(0);
});

test("an abort ends both sides of a pipe", async () => {
  const stop = new AbortController();
  const { from, into } = await pipeTools(sh("sleep 60"), sh("echo on >&2; cat"), {
    signal: stop.signal,
    onStderrLine: () => stop.abort(),
  });
  expect([from.aborted, into.aborted]).toEqual([true, true]);
});

test("a writer of which only the head is wanted can clean up, and its reader has its own exit status", async () => {
  const writer = sh(
    'trap "echo clean >&2; exit 7" INT; trap "echo broken >&2; exit 8" PIPE; while echo y; do :; done',
  );
  const { from, into } = await pipeHead(writer, sh("head -c 100000 | wc -c; exit 5"), { signal: never });
  expect(from).toMatchObject({ exitCode: 7, stderr: "clean\n" });
  expect(into).toMatchObject({ exitCode: 5, stdout: "100000\n" });
  const whole = await pipeHead(sh("echo all; sleep 0.2; exit 4"), sh("cat"), { signal: never });
  expect(whole).toMatchObject({ from: { exitCode: 4 }, into: { exitCode: 0, stdout: "all\n" } });
});
