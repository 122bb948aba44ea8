import { afterAll, beforeAll, expect, test } from "vitest";
import type { Hosts } from "../../../src/hosts/hosts.ts";
import { shellCommand } from "../../../src/hosts/quote.ts";
import { Home, host1, nobody } from "./lab-hosts.ts";

const home = new Home();
let hosts: Hosts;
beforeAll(() => {
  hosts = home.open();
});
afterAll(() => {
  hosts.close();
  home.remove();
});

const sh = (script: string) => ["sh", "-c", script];
const code = (value: string) => expect.objectContaining({ code: value });
/** Whether a command line with this text still runs on the host, within two seconds. */
async function runs(mark: string): Promise<boolean> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const { stdout } = await hosts.exec(host1, ["ps", "-eww", "-o", "args"]);
    if (!stdout.split("\n").some((line) => line === mark)) return false;
    await new Promise((done) => setTimeout(done, 100));
  }
  return true;
}

test("arguments arrive as they are, and both outputs and the status come back", async () => {
  const words = ["a b", "it's", "$HOME", "`id`", "two\nlines", "", "é", "!x"];
  const result = await hosts.exec(host1, [
    "sh",
    "-c",
    'printf "%s\\0" "$@"; echo oops >&2; exit 7',
    "sh",
    ...words,
  ]);
  expect(result).toEqual({ code: 7, stdout: words.map((word) => `${word}\0`).join(""), stderr: "oops\n" });
});

test("a command waits for who takes its output slowly, and loses none of it", async () => {
  const size = 64 * 2 ** 20;
  let streamed = 0;
  let written = false;
  let meanwhile: { readonly streamed: number; readonly written: boolean } | null = null;
  const onStdout = async (chunk: Buffer) => {
    streamed += chunk.length;
    if (meanwhile !== null) return;
    await new Promise((done) => setTimeout(done, 3000));
    meanwhile ??= { streamed, written };
  };
  const onStderr = () => {
    written = true;
  };
  const argv = sh(`head -c ${size} /dev/zero; echo all of it >&2`);
  expect((await hosts.exec(host1, argv, { onStdout, onStderr })).code).toBe(0);
  expect(meanwhile).toEqual({ streamed: expect.any(Number), written: false });
  expect((meanwhile as unknown as { streamed: number }).streamed).toBeLessThan(2 ** 20);
  expect([streamed, written]).toEqual([size, true]);
});

test("stdin of megabytes comes back whole", async () => {
  const stdin = "0123456789abcdef\n".repeat(300_000);
  let streamed = 0;
  const onStdout = (chunk: Buffer) => {
    streamed += chunk.length;
  };
  expect((await hosts.exec(host1, ["cat"], { stdin })).stdout === stdin).toBe(true);
  // What is streamed is not kept.
  expect((await hosts.exec(host1, ["cat"], { stdin, onStdout })).stdout).toBe("");
  expect(streamed).toBe(stdin.length);
});

test("a command that does not read its stdin ends all the same", async () => {
  expect((await hosts.exec(host1, ["true"], { stdin: "x".repeat(5_000_000) })).code).toBe(0);
});

test("the status of a command that closes its outputs early is not lost", async () => {
  const results = await Promise.all(
    [1, 2, 3, 4, 5].map(() => hosts.exec(host1, sh("exec >&- 2>&-; sleep 0.2; exit 9"))),
  );
  expect(results.map((result) => result.code)).toEqual([9, 9, 9, 9, 9]);
});

test("a command ended by a signal has the status that a shell gives it", async () => {
  expect((await hosts.exec(host1, sh("kill -9 $$"))).code).toBe(137);
});

test("a connection that drops is no success, and the next command connects again", async () => {
  const before = (await hosts.exec(host1, sh("echo $SSH_CONNECTION"))).stdout;
  await expect(hosts.exec(host1, sh("echo done; kill -9 $PPID; sleep 5"))).rejects.toEqual(
    code("host.unreachable"),
  );
  const after = await hosts.exec(host1, sh("echo $SSH_CONNECTION"));
  expect(after.code).toBe(0);
  expect(after.stdout).not.toBe(before);
});

test("a command that takes too long is ended on the host", async () => {
  await expect(hosts.exec(host1, ["sleep", "71.5"], { timeoutSeconds: 0.5 })).rejects.toEqual(
    code("host.timeout"),
  );
  expect(await runs("sleep 71.5")).toBe(false);
});

test("an interrupted command is ended on the host", async () => {
  const interrupt = new AbortController();
  const running = hosts.exec(host1, ["sleep", "72.5"], { signal: interrupt.signal });
  setTimeout(() => interrupt.abort(), 300);
  await expect(running).rejects.toEqual(code("host.interrupted"));
  expect(await runs("sleep 72.5")).toBe(false);
  await expect(hosts.exec(host1, ["true"], { signal: interrupt.signal })).rejects.toEqual(
    code("host.interrupted"),
  );
});

test("an interrupt does not wait for a connection", async () => {
  const started = performance.now();
  const signal = AbortSignal.timeout(200);
  await expect(hosts.exec(nobody, ["true"], { signal })).rejects.toEqual(code("host.interrupted"));
  expect(performance.now() - started).toBeLessThan(1000);
});

test("what runs is seen by ps as it was quoted", async () => {
  const running = hosts.exec(host1, ["sleep", "1.25"]);
  await new Promise((done) => setTimeout(done, 300));
  const { stdout } = await hosts.exec(host1, ["ps", "-eww", "-o", "args"]);
  expect(stdout.split("\n")).toContain(shellCommand(["sleep", "1.25"]));
  await running;
});
