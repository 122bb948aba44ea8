import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
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
