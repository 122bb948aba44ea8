import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readProbe } from "../../../src/hosts/probe-answer.ts";
import { type ContainerRequest, probeScript } from "../../../src/hosts/probe-script.ts";

const home = mkdtempSync(join(tmpdir(), "probe-"));
afterAll(() => rmSync(home, { recursive: true }));

const facts = [{ name: "one", sql: "select 1", params: { secret: "it's" } }];
const requests: readonly ContainerRequest[] = [
  { accessory: "a", container: "app-a", envFile: "it's.env", facts },
  { accessory: "b", container: "app-b", envFile: "none.env", facts },
];

/** Stands for the docker CLI: one container, and programs that run on this machine. */
const DOCKER = `#!/bin/sh
case $1 in
  exec) shift 2; exec "$@" ;;
  inspect) printf 'sha256:1 {"Id":"1","Name":"/app-agent","Image":"sha256:1","State":{"Running":true}}\\n' ;;
  image) printf '{"Id":"sha256:1","Config":{}}\\n' ;;
esac
`;

test.each(["sh", "bash"])("%s asks the programs of a container, each by itself", (shell) => {
  const bin = mkdtempSync(join(home, "docker-"));
  writeFileSync(join(bin, "docker"), DOCKER, { mode: 0o755 });
  const programs = [
    { name: "good", argv: ["printf", "%s", '{"it\'s": "$HOME"}'] },
    { name: "bad", argv: ["sh", "-c", "echo gone >&2; exit 3"] },
    { name: "reads", argv: ["sh", "-c", 'printf %s "$(cat | wc -c)"'] },
  ];
  const asked = [{ accessory: "agent", container: "app-agent", envFile: "none.env", facts: programs }];
  const output = execFileSync(where(shell), {
    input: probeScript(asked, "N1"),
    cwd: home,
    env: { PATH: `${bin}:${process.env["PATH"]}` },
    encoding: "utf8",
  });
  expect(readProbe(asked, "N1", output, "")["agent"]).toMatchObject({
    status: "present",
    facts: {
      good: { json: { "it's": "$HOME" } },
      bad: { error: "it exited with 3: gone" },
      reads: { json: 0 },
    },
  });
});

const where = (program: string) =>
  execFileSync("sh", ["-c", `command -v ${program}`], { encoding: "utf8" }).trim();

test.each(["sh", "bash"])("%s on a machine without docker: every container is unknown, and why", (shell) => {
  const bin = mkdtempSync(join(home, "bin-"));
  symlinkSync(where("cat"), join(bin, "cat"));
  const input = probeScript(requests, "N1");
  const output = execFileSync(where(shell), { input, cwd: home, env: { PATH: bin }, encoding: "utf8" });
  const found = readProbe(requests, "N1", output, "");
  for (const name of ["a", "b"]) {
    expect(found[name]).toMatchObject({
      status: "unknown",
      reason: expect.stringMatching(/docker:.*not found/),
    });
  }
});
