import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { execIn, startProgram } from "../../../src/hosts/container-program.ts";
import type { ContainerProgram } from "../../../src/hosts/container-program.ts";
import type { Hosts } from "../../../src/hosts/hosts.ts";

const bin = mkdtempSync(join(tmpdir(), "container-program-"));
afterAll(() => rmSync(bin, { recursive: true }));
// Stands for the docker CLI: a container is this machine, and as with docker a signal to the CLI stays there.
writeFileSync(
  join(bin, "docker"),
  `#!/bin/sh
[ "$1" = exec ] || { echo "no such command" >&2; exit 125; }
shift
while [ "$1" = --env ]; do export "$2"; shift 2; done
[ "$1" = gone ] && { echo "Error response from daemon: No such container: gone" >&2; exit 1; }
shift
exec setsid --wait "$@"
`,
  { mode: 0o755 },
);

/** Runs commands on this machine, in place of a host over SSH. */
const here: Hosts = {
  connect: async () => {},
  close: () => {},
  exec: (_host, [program = "", ...argv], { onStdout, onStderr, signal } = {}) =>
    new Promise((resolve, reject) => {
      const env = { ...process.env, PATH: `${bin}:${process.env["PATH"]}` };
      const child = spawn(program, argv, { env, stdio: ["ignore", "pipe", "pipe"] });
      child.stdout.on("data", (chunk: Buffer) => onStdout?.(chunk));
      child.stderr.on("data", (chunk: Buffer) => onStderr?.(chunk));
      signal?.addEventListener("abort", () => {
        child.kill("SIGKILL");
        reject(new Error("given up"));
      });
      child.on("close", (code) => resolve({ code: code ?? 137, stdout: "", stderr: "" }));
    }),
};

function start(program: ContainerProgram) {
  const out: string[] = [];
  const lines: string[] = [];
  const streams = {
    onStdout: (chunk: Buffer) => out.push(chunk.toString()),
    onStderr: (line: string) => lines.push(line),
  };
  return { running: startProgram(here, "host", program, streams), out, lines };
}

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200 && !isSo(); tries++) await sleep(25);
}

test("streams what a program prints, gives its exit status and its environment", async () => {
  const script = 'echo "$A"; echo one >&2; printf two >&2; exit 3';
  const { running, out, lines } = start(execIn("app", ["sh", "-c", script], { A: "it's" }));
  expect(await running.ended).toMatchObject({ code: 3, started: true });
  expect([out.join(""), lines]).toEqual(["it's\n", ["one", "two"]]);
});

test("an interrupt reaches the program in its container, and its end is awaited", async () => {
  const script = 'trap "echo ending; exit 7" INT; echo ready; while :; do sleep 0.05; done';
  const { running, out } = start(execIn("app", ["sh", "-c", script], {}));
  await until(() => out.join("").includes("ready"));
  running.interrupt();
  expect((await running.ended).code).toBe(7);
  expect(out.join("")).toBe("ready\nending\n");
});

test("an interrupt before the program told its process is not lost", async () => {
  const { running } = start(execIn("app", ["sleep", "30"], {}));
  running.interrupt();
  expect((await running.ended).code).not.toBe(0);
});

test("the second interrupt is TERM, for one that ignores the first", async () => {
  const script = 'trap "" INT; trap "exit 9" TERM; echo ready; while :; do sleep 0.05; done';
  const { running, out } = start(execIn("app", ["sh", "-c", script], {}));
  await until(() => out.join("").includes("ready"));
  running.interrupt();
  await sleep(200);
  running.interrupt();
  expect((await running.ended).code).toBe(9);
});

test("a program that docker cannot start did not start, and why is kept apart from what it says", async () => {
  const { running, lines } = start(execIn("gone", ["true"], {}));
  expect(await running.ended).toEqual({
    code: 1,
    started: false,
    said: ["Error response from daemon: No such container: gone"],
  });
  expect(lines).toEqual([]);
});
